// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import MillwrightDatabase
import MillwrightPostgres

/// How long the TPC-H queries really take without and with the set for 620 MB.
enum AdvisorRuntime: Benchmark {
    static let name = "index-advisor-runtime"
    static let about =
        "19 TPC-H queries with the 620 MB set really built (ours) and without (other), medians of 3, warm"

    static func run() async throws -> [Measurement] {
        guard TPCH.isThere else {
            say("  left out: `make bench-index` makes the data for it")
            return []
        }
        let script = try TPCH.queries()
        return try await TPCH.lend { url in
            let options = AdvisorOptions(storage: .bytes(620e6), timeout: .seconds(20))
            let advice = try await IndexAdvisor(PostgresConfiguration(url), options: options).advise(sql: script)
            let queries = PlannedWorkload(script).statements.map(\.sql)
            let connection = try await PostgresConnection.connect(PostgresConfiguration(url))
            let before = try await Self.seconds(of: queries, on: connection)
            let built = try await Self.build(advice, on: connection)
            let after = try await Self.seconds(of: queries, on: connection)
            for index in advice.recommendations {
                try await connection.run(script: "DROP INDEX \(index.definition.schema).\(index.name)")
            }
            await connection.close()
            for (number, (old, new)) in zip(before, after).enumerated() where new > 1.1 * old + 0.02 {
                say("    statement \(number + 1) became slower: \(Int(old * 1000)) ms, then \(Int(new * 1000)) ms")
            }
            return [
                Measurement("runtime", ours: after.reduce(0, +), other: before.reduce(0, +), unit: "s"),
                Measurement("estimated cost left", ours: 100 * advice.costLeft, unit: "%"),
                Measurement("size, built and estimated", ours: built / 1e6, other: advice.sizeBytes / 1e6, unit: "MB"),
            ]
        }
    }

    /// Builds the set and returns what it takes in bytes.
    private static func build(_ advice: IndexAdvice, on connection: PostgresConnection) async throws -> Double {
        try await connection.run(script: "SET max_parallel_maintenance_workers = 0")
        for index in advice.recommendations {
            let start = ContinuousClock.now
            try await connection.run(script: index.definition.sql(name: index.name), timeout: .seconds(300))
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let times = String(format: "%.1f s, estimated %.1f s", seconds, index.buildSeconds)
            say("    \(index.definition.table) \(index.definition.body): built in \(times)")
        }
        try await connection.run(script: "VACUUM ANALYZE", timeout: .seconds(600))
        let names = advice.recommendations.map { "\($0.definition.schema).\($0.name)" }
        return try await connection.query(
            "SELECT sum(pg_relation_size(i::regclass))::float8 FROM unnest(\(names)::text[]) AS i",
            as: Double.self
        )[0]
    }

    /// The median of three runs of each query, after one that warms the cache.
    private static func seconds(of queries: [String], on connection: PostgresConnection) async throws -> [Double] {
        var medians: [Double] = []
        for query in queries {
            var times: [Double] = []
            for _ in 0..<4 {
                let start = ContinuousClock.now
                _ = try await connection.query(SQL(unsafe: query), timeout: .seconds(300))
                times.append((ContinuousClock.now - start) / .seconds(1))
            }
            medians.append(times.dropFirst().sorted()[1])
        }
        return medians
    }
}
