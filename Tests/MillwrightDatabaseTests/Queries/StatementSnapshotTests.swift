// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightTesting
import Testing

@testable import MillwrightDatabase

@Suite("What ran since a snapshot")
struct StatementSnapshotTests {
    private func statistics(_ statements: (String, Int, Double)..., window: Double? = 1000) -> StatementStatistics {
        var statistics = StatementStatistics()
        statistics.statements = statements.map {
            Statement(id: $0.0, text: "SELECT \($0.0)", calls: $0.1, totalSeconds: $0.2)
        }
        statistics.windowSeconds = window
        return statistics
    }

    private let snapshot = StatementSnapshot(
        age: 100,
        counters: [
            "1": .init(calls: 10, seconds: 90, rows: 0), "2": .init(calls: 5, seconds: 5, rows: 0),
            "3": .init(calls: 7, seconds: 7, rows: 0),
        ]
    )

    @Test("Counters are the difference, the costliest since then first; what did not run since is gone")
    func difference() {
        let now = self.statistics(("1", 12, 92), ("2", 5, 5), ("3", 9, 17), ("4", 1, 0.5)).since(self.snapshot)

        #expect(now.statements.map(\.id) == ["3", "1", "4"])
        #expect(now.statements.map(\.calls) == [2, 2, 1])
        #expect(now.statements.map(\.totalSeconds) == [10, 2, 0.5])
        #expect(now.totalSeconds == 12.5)
        #expect(now.windowSeconds == 100)
    }

    @Test("A statement that was thrown out and came back counts as it is; so does everything after a reset")
    func begunAnew() {
        let evicted = self.statistics(("1", 3, 4)).since(self.snapshot)
        let reset = self.statistics(("1", 12, 92), window: 50).since(self.snapshot)

        #expect(evicted.statements.map(\.calls) == [3])
        #expect(reset.statements.map(\.calls) == [12])
        #expect(reset.windowSeconds == 50)
    }

    @Test(
        "On a live server: advice since a snapshot is about what ran since; without one it says how to take one",
        .enabled(if: TestServers.areAvailable)
    )
    func live() async throws {
        try await IndexSite.lend { site in
            let advisor = IndexAdvisor(
                PostgresConfiguration(site.url("app")),
                options: AdvisorOptions(storage: .bytes(1e9), timeout: .seconds(120))
            )
            try await site.run(
                """
                CREATE TABLE t (id int PRIMARY KEY, a int, b int, note text);
                INSERT INTO t SELECT i, i, i, repeat('x', 100) FROM generate_series(1, 30000) AS i
                """
            )
            try await site.run("VACUUM ANALYZE t")
            // the load is no sample of what will be written
            try await site.run("SELECT pg_stat_reset()", as: "postgres")
            await #expect(throws: ToolError.self) { try await advisor.keepStatistics() }
            try await site.makeSamples()
            await #expect(throws: ToolError.self) { try await advisor.adviseFromStatistics(since: .seconds(60)) }
            for number in 1...20 { try await site.run("SELECT note FROM t WHERE a = \(number)") }

            let kept = try await advisor.keepStatistics()
            for number in 1...5 { try await site.run("SELECT note FROM t WHERE b = \(number)") }
            let since = try await advisor.adviseFromStatistics(since: .zero)
            let all = try await advisor.adviseFromStatistics()

            #expect(kept > 0)
            #expect(since.recommendations.map(\.definition.body) == ["(b)"])
            #expect(since.snapshotAge.map { (0...60).contains($0) } == true)
            #expect(Set(all.recommendations.map(\.definition.body)) == ["(a)", "(b)"])
        }
    }
}

extension IndexSite {
    /// Makes the table of samples as `manage migrate` does, from the same files.
    fileprivate func makeSamples() async throws {
        try await self.run(migration: "m0002_create_samples")
    }
}
