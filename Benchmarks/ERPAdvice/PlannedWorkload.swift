// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// What the planner says of a workload with given hypothetical indexes, asked without the advisor's own code.
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

    /// The weighted cost of all statements.
    func cost(with indexes: [String], on url: String) async throws -> Double {
        try await self.costs(with: indexes, on: url).reduce(0, +)
    }

    /// The weighted cost of each statement.
    func costs(with indexes: [String], on url: String) async throws -> [Double] {
        let connection = try await PostgresConnection.connect(PostgresConfiguration(url))
        for index in indexes { _ = try await connection.query("SELECT * FROM hypopg_create_index(\(index))") }
        var costs: [Double] = []
        for statement in self.statements {
            let line = try await connection.query(SQL(unsafe: "EXPLAIN \(statement.sql)"))[0].get(0, as: String.self)
            let figures = line.split(separator: "=").dropFirst().first?.split(separator: " ").first ?? ""
            let cost = Double(figures.split(separator: ".").suffix(2).joined(separator: ".")) ?? 0
            costs.append(statement.weight * cost)
        }
        await connection.close()
        return costs
    }

    /// What the indexes take when they are really built, in bytes; they are dropped again.
    static func builtBytes(_ indexes: [String], on url: String) async throws -> Double {
        let connection = try await PostgresConnection.connect(PostgresConfiguration(url))
        let size: SQL = "SELECT sum(pg_relation_size(oid))::float8 FROM pg_class WHERE relkind = 'i'"
        let before = try await connection.query(size, as: Double.self)[0]
        try await connection.run(script: "BEGIN")
        for index in indexes { try await connection.run(script: index, timeout: .seconds(120)) }
        let after = try await connection.query(size, as: Double.self)[0]
        try await connection.run(script: "ROLLBACK")
        await connection.close()
        return after - before
    }
}
