// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// What the planner says of a workload with given indexes, asked without the advisor's own code.
struct PlannedWorkload {
    let statements: [(weight: Double, sql: String)]

    /// Splits at semicolons, which no statement of ours has inside.
    init(_ script: String) {
        self.statements = script.split(separator: ";").compactMap { part in
            let lines = part.split(separator: "\n")
            let sql = lines.filter { !$0.hasPrefix("--") }.joined(separator: "\n")
            guard !sql.isEmpty else { return nil }
            let weight = lines.last { $0.hasPrefix("-- weight: ") }.flatMap {
                Double($0.dropFirst("-- weight: ".count))
            }
            return (weight ?? 1, sql)
        }
    }

    private func costs(on connection: PostgresConnection) async throws -> [Double] {
        var costs: [Double] = []
        for statement in self.statements {
            let line = try await connection.query(SQL(unsafe: "EXPLAIN \(statement.sql)"))[0].get(0, as: String.self)
            let figures = line.split(separator: "=").dropFirst().first?.split(separator: " ").first ?? ""
            let cost = Double(figures.split(separator: ".").suffix(2).joined(separator: ".")) ?? 0
            costs.append(statement.weight * cost)
        }
        return costs
    }

    /// The weighted cost of each statement with indexes that are really built, and what those take in bytes; they are dropped again.
    ///
    /// Of hypothetical ones the planner knows neither the size nor the ranges of a BRIN.
    func built(_ indexes: [String], on url: String) async throws -> (costs: [Double], bytes: Double) {
        let connection = try await PostgresConnection.connect(PostgresConfiguration(url))
        let size: SQL = "SELECT sum(pg_relation_size(oid))::float8 FROM pg_class WHERE relkind = 'i'"
        let before = try await connection.query(size, as: Double.self)[0]
        try await connection.run(script: "BEGIN")
        for index in indexes { try await connection.run(script: index, timeout: .seconds(120)) }
        let after = try await connection.query(size, as: Double.self)[0]
        let costs = try await self.costs(on: connection)
        try await connection.run(script: "ROLLBACK")
        await connection.close()
        return (costs, after - before)
    }
}
