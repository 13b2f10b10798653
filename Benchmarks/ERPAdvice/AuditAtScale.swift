// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightDatabase
import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting

/// The index audit of 10,000 tables with 30,000 indexes and 9,999 foreign keys.
enum AuditAtScale: Benchmark {
    static let name = "index-audit-scale"
    static let about = "the index audit of 10,000 tables and 30,000 indexes, connection included, median of 5"

    private static let tables = 10_000

    static func run() async throws -> [Measurement] {
        let servers = try await TestServers.private(.postgresOnly)
        let url = servers.superuserURL
        try await Self.load(url)
        Machine.resetPeak()
        var times: [Double] = []
        var findings = 0
        for _ in 0..<5 {
            let start = ContinuousClock.now
            let connection = try await PostgresConnection.connect(PostgresConfiguration(url))
            let sections = try await Checkup().sections(of: [.indexes], on: connection)
            await connection.close()
            times.append((ContinuousClock.now - start) / .seconds(1))
            for outcome in sections.flatMap(\.outcomes) {
                if case .unknown(let reason, _) = outcome.verdict { say("  unknown: \(outcome.name): \(reason)") }
            }
            findings = sections.flatMap(\.outcomes).reduce(0) { $0 + $1.verdict.findings.count }
        }
        try await servers.remove()
        return [
            Measurement("time", ours: times.sorted()[2], unit: "s", goal: .atMost(5)),
            Measurement("longest", ours: times.max() ?? 0, unit: "s", goal: .atMost(5)),
            Measurement("findings", ours: Double(findings), unit: ""),
            Measurement("memory at its peak", ours: Machine.peakMemoryMB(), unit: "MB"),
        ]
    }

    /// One table in a hundred has a second index like its first.
    private static func load(_ url: String) async throws {
        let connection = try await PostgresConnection.connect(PostgresConfiguration(url))
        // one transaction for all would need more locks than the server has
        for start in stride(from: 0, to: Self.tables, by: 50) {
            let tables = (start..<start + 50).map { number in
                let key = number == 0 ? "" : "REFERENCES t\(number - 1)"
                let twin = number % 100 == 0 ? "a" : "b"
                return """
                    CREATE TABLE t\(number) (id int PRIMARY KEY, a int \(key), b int);
                    CREATE INDEX t\(number)_a ON t\(number) (a);
                    CREATE INDEX t\(number)_b ON t\(number) (\(twin));
                    """
            }
            try await connection.run(script: tables.joined(), timeout: .seconds(120))
        }
        try await connection.run(script: "VACUUM ANALYZE", timeout: .seconds(300))
        await connection.close()
    }
}
