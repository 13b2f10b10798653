// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore
import MillwrightPostgres

extension IndexAdvisor {
    /// The plan of a query as things are and with all advised indexes, as tables of one column.
    ///
    /// Where the query has placeholders, they are filled with values of the columns; the generic plans, which know no values,
    /// follow. Without HypoPG there are only the plans as things are. The query is planned and never executed.
    ///
    /// - Throws: ``PostgresError`` where the server does not plan it; `CancellationError`.
    public func plans(of query: String, with advice: IndexAdvice) async throws -> [Table] {
        guard QueryParser.statements(of: query).count == 1, let tree = QueryParser.tree(of: query) else {
            throw ToolError(
                .usage,
                tried: "Tried to explain a query.",
                stopped: "It is not one statement that the parser takes.",
                next: "Write one SELECT, INSERT, UPDATE or DELETE with values in place of placeholders."
            )
        }
        let connection = try await PostgresConnection.connect(self.configuration)
        let schema: String?
        var text = query
        do {
            schema = try await HypoPG.schema(on: connection)
            if !tree.placeholders.isEmpty { text = try await Self.filled(query, on: connection) }
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
        let parameters = tree.placeholders.map(\.number).max() ?? 0
        let generic = parameters > 0 ? [(text: query, parameters: parameters)] : []
        let session = try await WhatIfSession.open(self.configuration, schema: schema ?? "public")
        do {
            let explain = SQL(unsafe: "EXPLAIN \(text)")
            var tables = [Self.table("plan_before", "Plan as things are", try await session.query(explain))]
            for lines in try await session.genericPlans(of: generic) {
                tables.append(Self.table("generic_plan_before", "Generic plan as things are", lines ?? []))
            }
            if schema != nil, !advice.recommendations.isEmpty {
                try await session.makeStand(advice.recommendations.flatMap(\.hypothetical))
                let isWhole = advice.recommendations.allSatisfy { !$0.hypothetical.isEmpty }
                let title = "Plan with the set" + (isWhole ? "" : ", but for its GIN indexes")
                tables.append(Self.table("plan_after", title, try await session.query(explain)))
                for lines in try await session.genericPlans(of: generic) {
                    tables.append(Self.table("generic_plan_after", "Generic plan with the set", lines ?? []))
                }
            }
            await session.close()
            return tables
        } catch {
            await session.close()
            throw error
        }
    }

    /// The query with values in place of its placeholders.
    private static func filled(_ query: String, on connection: PostgresConnection) async throws -> String {
        var preparation = WorkloadPreparation(
            [WorkloadStatement(name: "query", text: query, weight: .calls(1))],
            keepsTools: true
        )
        try await preparation.complete(on: connection)
        guard let filled = preparation.queries.first else {
            throw ToolError(
                .notWell,
                tried: "Tried to explain a query with placeholders.",
                stopped: "It cannot be judged: \(preparation.unusable.first?.reason ?? "it is no data statement").",
                next: "Write values in place of its placeholders."
            )
        }
        return filled.text
    }

    private static func table(_ key: String, _ title: String, _ rows: Rows) -> Table {
        Self.table(key, title, rows.compactMap { try? $0.get(0, as: String.self) })
    }

    private static func table(_ key: String, _ title: String, _ lines: [String]) -> Table {
        Table(key, title: title, columns: [.init("line", "Plan")], rows: lines.map { [.text($0)] })
    }
}
