// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import MillwrightDatabase
import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting

/// Advice for 5,000 statements over 1,000 tables.
enum AdvisorAtScale: Benchmark {
    static let name = "index-advisor-scale"
    static let about = "advice for 5,000 statements over 1,000 tables"

    static func run() async throws -> [Measurement] {
        let servers = try await TestServers.private(.postgresOnly)
        let url = servers.superuserURL
        try await Self.load(url)
        let sql = Self.workload
        Machine.resetPeak()
        let start = ContinuousClock.now
        let options = AdvisorOptions(storage: .share(0.5), maximumIndexes: 1000, timeout: .seconds(55))
        let advice = try await IndexAdvisor(PostgresConfiguration(url), options: options).advise(sql: sql)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        try await servers.remove()
        say(
            String(
                format: "  %d statements judged, %d candidates, %d plans asked, %d indexes, %.1f %% of the cost left",
                advice.queries,
                advice.candidates,
                advice.plansAsked,
                advice.recommendations.count,
                100 * advice.costLeft
            )
        )
        return [
            Measurement("time", ours: seconds, unit: "s", goal: .atMost(60)),
            Measurement("memory at its peak", ours: Machine.peakMemoryMB(), unit: "MB", goal: .atMost(300)),
            Measurement("cost left", ours: 100 * advice.costLeft, unit: "%"),
        ]
    }

    private static func load(_ url: String) async throws {
        let connection = try await PostgresConnection.connect(PostgresConfiguration(url))
        try await connection.run(script: "CREATE EXTENSION IF NOT EXISTS hypopg")
        for start in stride(from: 0, to: 1000, by: 50) {
            let tables = (start..<start + 50).map { number in
                """
                CREATE TABLE t\(number) (id int PRIMARY KEY, tenant int, state text, created timestamptz, owner int, note text);
                INSERT INTO t\(number) SELECT g, g % 40, (ARRAY['new', 'open', 'done'])[1 + g % 3],
                    '2026-01-01'::timestamptz + g * interval '7 min', g % 300, 'note ' || g
                FROM generate_series(1, 5000) AS g;
                """
            }
            try await connection.run(script: tables.joined(), timeout: .seconds(120))
        }
        try await connection.run(script: "VACUUM ANALYZE", timeout: .seconds(300))
        await connection.close()
    }

    private static var workload: String {
        (0..<1000).map { number in
            """
            SELECT * FROM t\(number) WHERE tenant = 7 ORDER BY created DESC LIMIT 10;
            SELECT id, note FROM t\(number) WHERE owner = 5 AND state = 'open';
            SELECT count(*) FROM t\(number) WHERE created > '2026-01-20' AND tenant = 3;
            SELECT a.id, b.note FROM t\(number) AS a JOIN t\((number + 1) % 1000) AS b ON b.owner = a.id WHERE a.tenant = 9;
            UPDATE t\(number) SET note = 'x' WHERE owner = 4;

            """
        }.joined()
    }
}
