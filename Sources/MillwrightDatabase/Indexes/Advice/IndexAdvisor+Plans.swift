// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore
import MillwrightPostgres

extension IndexAdvisor {
    /// The plan of a query as things are and with all advised indexes, as tables of one column.
    ///
    /// Without HypoPG there is only the first. The query is planned and never executed.
    ///
    /// - Throws: ``PostgresError`` where the server does not plan it; `CancellationError`.
    public func plans(of query: String, with advice: IndexAdvice) async throws -> [Table] {
        guard QueryParser.statements(of: query).count == 1, QueryParser.tree(of: query) != nil else {
            throw ToolError(
                .usage,
                tried: "Tried to explain a query.",
                stopped: "It is not one statement that the parser takes.",
                next: "Write one SELECT, INSERT, UPDATE or DELETE with values in place of placeholders."
            )
        }
        let connection = try await PostgresConnection.connect(self.configuration)
        let schema: String?
        do { schema = try await HypoPG.schema(on: connection) } catch {
            await connection.close()
            throw error
        }
        await connection.close()
        let session = try await WhatIfSession.open(self.configuration, schema: schema ?? "public")
        do {
            let explain = SQL(unsafe: "EXPLAIN \(query)")
            var tables = [Self.table("plan_before", "Plan as things are", try await session.query(explain))]
            if schema != nil, !advice.recommendations.isEmpty {
                try await session.makeStand(advice.recommendations.map { $0.definition.sql(concurrently: false) })
                tables.append(Self.table("plan_after", "Plan with the set", try await session.query(explain)))
            }
            await session.close()
            return tables
        } catch {
            await session.close()
            throw error
        }
    }

    private static func table(_ key: String, _ title: String, _ rows: Rows) -> Table {
        let lines = rows.compactMap { try? $0.get(0, as: String.self) }
        return Table(key, title: title, columns: [.init("line", "Plan")], rows: lines.map { [.text($0)] })
    }
}
