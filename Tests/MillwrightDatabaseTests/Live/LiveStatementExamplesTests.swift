// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting
import Testing

@testable import MillwrightDatabase

@Suite("Advice by the values that pg_qualstats keeps", .enabled(if: isInstalled), .timeLimit(.minutes(2)))
struct LiveStatementExamplesTests {
    /// Nearly all orders are done, and the application asks for the others.
    private static let tables = """
        CREATE TABLE orders (id int PRIMARY KEY, status text NOT NULL, note text);
        INSERT INTO orders SELECT i, CASE WHEN i % 1000 = 0 THEN 'new' ELSE 'done' END, repeat('x', 100)
        FROM generate_series(1, 50000) AS i;
        """

    @Test("A statement is judged by the value it ran with, not by a common one, where the extension is there")
    func judged() async throws {
        var plan = SandboxPlan.postgresOnly
        plan.postgresSettings = [
            "shared_preload_libraries": "pg_stat_statements,pg_qualstats", "pg_qualstats.sample_rate": "1",
        ]
        let servers = try await TestServers.private(plan)
        do {
            let connection = try await PostgresConnection.connect(PostgresConfiguration(servers.superuserURL))
            try await connection.run(script: Self.tables)
            try await connection.run(script: "VACUUM ANALYZE")
            // asked so often that what the load wrote weighs little, whenever its counters arrive
            let ask = { try await connection.run(script: "SELECT id FROM orders WHERE status = 'new'") }
            let advisor = IndexAdvisor(
                PostgresConfiguration(servers.superuserURL),
                options: AdvisorOptions(storage: .bytes(1e9), timeout: .seconds(120))
            )

            for _ in 0..<100 { try await ask() }
            let without = try await advisor.adviseFromStatistics()
            try await connection.run(script: "CREATE EXTENSION pg_qualstats")
            for _ in 0..<100 { try await ask() }
            let with = try await advisor.adviseFromStatistics()

            let bodies = { (advice: IndexAdvice) in
                advice.recommendations.map { "\($0.definition.table) \($0.definition.body)" }
            }
            #expect(without.exemplified == 0)
            #expect(bodies(without) == [])
            #expect(with.exemplified > 0)
            #expect(with.recommendations.map(\.definition.predicate) == ["status = 'new'"], "\(with.unusable)")
            #expect(bodies(with).allSatisfy { $0.hasPrefix("orders (status") }, "\(bodies(with))")

            try await connection.run(script: "SELECT id FROM orders WHERE status = 'old'")
            let afterwards = try await advisor.adviseFromStatistics()
            #expect(bodies(afterwards).contains { $0.hasPrefix("orders (status") })
            #expect(afterwards.recommendations.allSatisfy { $0.definition.predicate == nil })
            await connection.close()
        } catch {
            try await servers.remove()
            throw error
        }
        try await servers.remove()
    }
}

/// `scripts/setup` installs the extension.
private let isInstalled: Bool = {
    let folders = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/share/postgresql")) ?? []
    let isThere = folders.contains {
        FileManager.default.fileExists(atPath: "/usr/share/postgresql/\($0)/extension/pg_qualstats.control")
    }
    return TestServers.areAvailable && isThere
}()
