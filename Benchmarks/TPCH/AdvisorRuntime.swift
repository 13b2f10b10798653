// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import Migrations
import MillwrightDatabase
import MillwrightPostgres

/// How long the TPC-H queries really take without the set for 620 MB, and with what `--apply --verify` leaves of it.
enum AdvisorRuntime: Benchmark {
    static let name = "index-advisor-runtime"
    static let about =
        "19 TPC-H queries with the 620 MB set built and verified (ours) and without (other), medians of 3, warm"

    static func run() async throws -> [Measurement] {
        guard TPCH.isThere else {
            say("  left out: `make bench-index` makes the data for it")
            return []
        }
        let script = try TPCH.queries()
        return try await TPCH.lend { url in
            let configuration = PostgresConfiguration(url)
            let options = AdvisorOptions(storage: .bytes(620e6), timeout: .seconds(20))
            let advice = try await IndexAdvisor(configuration, options: options).advise(sql: script)
            let queries = PlannedWorkload(script).statements.map(\.sql)
            let connection = try await PostgresConnection.connect(configuration)
            try await connection.run(script: "SET max_parallel_maintenance_workers = 0")
            try await Self.makeJournal(on: connection)
            let plans = try await Self.plans(of: queries, on: connection)
            let before = try await Self.seconds(of: queries, on: connection)
            var trial = IndexTrial(statements: [])
            // nobody else is there whose updates could be watched
            trial.window = .zero
            let outcome = try await IndexBuilder(configuration).build(advice, trial: trial)
            Self.tell(outcome, advice)
            let after = try await Self.seconds(of: queries, on: connection)
            let plansAfter = try await Self.plans(of: queries, on: connection)
            for (number, (old, new)) in zip(before, after).enumerated() where new > 1.1 * old + 0.02 {
                let times = "\(Int(old * 1000)) ms, then \(Int(new * 1000)) ms"
                let reason =
                    plans[number] == plansAfter[number] ? "by its old plan, so by the machine" : "by another plan"
                say("    statement \(number + 1) became slower \(reason): \(times)")
            }
            let size = outcome.indexes.filter { $0.result == .built }.reduce(0) { $0 + ($1.bytes ?? 0) }
            for index in outcome.indexes where index.result == .built {
                try await connection.run(script: "DROP INDEX \(index.subject)")
            }
            await connection.close()
            let seconds = before.reduce(0, +)
            return [
                Measurement(
                    "runtime, verified",
                    ours: after.reduce(0, +),
                    other: seconds,
                    unit: "s",
                    goal: .ratioAtMost(1)
                ),
                Measurement(
                    "runtime, whole set",
                    ours: outcome.time?.withAll ?? 0,
                    other: outcome.time?.before,
                    unit: "s"
                ),
                Measurement("estimated cost left, whole set", ours: 100 * advice.costLeft, unit: "%"),
                Measurement(
                    "size, verified and advised",
                    ours: Double(size) / 1e6,
                    other: advice.sizeBytes / 1e6,
                    unit: "MB"
                ),
            ]
        }
    }

    /// Makes the table in which builds are written down, as `manage migrate` does.
    private static func makeJournal(on connection: PostgresConnection) async throws {
        guard try await connection.query("SELECT FROM pg_tables WHERE schemaname = 'millwright'").isEmpty else {
            return
        }
        for migration in Migrations.all where ["create_schema", "create_journal"].contains(migration.name) {
            try await connection.run(script: migration.up)
        }
    }

    /// Says what became of each index, and what the product itself measured.
    private static func tell(_ outcome: SetOutcome, _ advice: IndexAdvice) {
        for (index, advised) in zip(outcome.indexes, advice.recommendations) {
            let figures = String(
                format: "%6.1f MB (%.1f), %4.1f s (%.1f)",
                Double(index.bytes ?? 0) / 1e6,
                advised.sizeBytes / 1e6,
                index.seconds,
                advised.buildSeconds
            )
            let end = "\(index.result.rawValue) \(index.note ?? "")\(index.failure.map { "\($0)" } ?? "")"
            say("    \(figures)  \(advised.definition.table) \(advised.definition.body): \(end)")
            for row in index.trial?.statements ?? [] where row.effect == .loses {
                let times = [row.before, row.after].map { Int(($0?.seconds ?? 0) * 1000) }
                say("      \(times[0]) ms, then \(times[1]) ms: \(row.statement.prefix(60))".replacing("\n", with: " "))
            }
        }
        guard let time = outcome.time else { return }
        let figures = String(
            format: "%.1f s before, %.1f s with all, %.1f s with what stays",
            time.before,
            time.withAll,
            time.after
        )
        say("    measured by --verify: \(time.statements) statements, \(figures)")
    }

    /// Each query's plan without figures.
    private static func plans(of queries: [String], on connection: PostgresConnection) async throws -> [[String]] {
        var plans: [[String]] = []
        for query in queries {
            plans.append(try await connection.query(SQL(unsafe: "EXPLAIN (COSTS OFF) \(query)"), as: String.self))
        }
        return plans
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
