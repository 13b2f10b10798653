// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting
import Testing

@testable import MillwrightDatabase

@Suite("Counters of all nodes", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct NodesTests {
    @Test("An index that only a standby reads is unused until the standby is asked, and the finding names the standby")
    func standbyReads() async throws {
        var plan = SandboxPlan.postgresOnly
        plan.standby = true
        let servers = try await TestServers.private(plan)
        try await Self.connected(to: servers.postgresURL) { primary in
            try await primary.run(
                script: """
                    CREATE TABLE t (a int, b int); INSERT INTO t SELECT i, i FROM generate_series(1, 20000) AS i;
                    CREATE INDEX t_a ON t (a); CREATE INDEX t_b ON t (b);
                    """
            )
            try await primary.run(script: "VACUUM ANALYZE t")
        }
        let standbyURL = servers.state.standbyURL ?? ""
        try await Self.connected(to: standbyURL) { standby in
            let index: SQL = "SELECT FROM pg_class WHERE relname = 't_b' AND relpages > 1"
            while try await standby.query(index).isEmpty { try await Task.sleep(for: .milliseconds(20)) }
            _ = try await standby.query("SELECT b FROM t WHERE a = 7")
        }

        let alone = try await Self.look(servers.postgresURL, nodes: [])
        let counters = try await Self.connected(to: standbyURL) { standby in
            try await NodeCounters.read("replica", of: try await NodeCounters.cluster(of: standby), from: standby)
        }
        let together = try await Self.look(servers.postgresURL, nodes: [counters])
        await #expect(throws: ToolError.self) {
            try await Self.connected(to: standbyURL) { try await NodeCounters.read("r", of: "1", from: $0) }
        }
        try await servers.remove()

        #expect(alone.map(\.subject) == ["public.t_a", "public.t_b"])
        #expect(alone.allSatisfy { $0.confidence == .medium && $0.evidence.contains { $0.name == "node not seen" } })
        #expect(together.map(\.subject) == ["public.t_b"])
        #expect(together[0].evidence.contains(Evidence("nodes seen beside this one", "replica")))
    }

    @Test("A server without a name of its own, as it is outside of Debian, is looked at like any other")
    func nameless() async throws {
        var plan = SandboxPlan.postgresOnly
        plan.postgresSettings = ["cluster_name": ""]
        let servers = try await TestServers.private(plan)
        let window = try await Self.connected(to: servers.postgresURL) { connection in
            let version = try await connection.server().versionNumber
            return try await connection.query(StatisticsWindow.sql(version: version)).values(as: StatisticsWindow.self)
        }
        try await servers.remove()

        #expect(window.first?.aliases == [])
    }

    @Test("The window of several nodes is that of the youngest counters; who is known is no longer missing")
    func window() {
        var own = StatisticsWindow(now: 1000, serverStart: 100, sharedReset: 200)
        (own.standbys, own.standbyNames) = (2, ["east", "slot west"])
        let node = NodeCounters(
            name: "replica1",
            scans: [:],
            window: StatisticsWindow(
                now: 1000,
                serverStart: 100,
                sharedReset: 700,
                isStandby: true,
                aliases: ["east"]
            )
        )

        let both = own.adding([node])

        #expect(both.length == 300)
        #expect(both.standbyNames == ["slot west"])
        #expect(!both.seesAllNodes)
    }

    @Test("Of several standbys with one name, each that was seen stands for one; a node's own standbys count")
    func namesakes() {
        var primary = StatisticsWindow(now: 1000, serverStart: 100)
        primary.standbyNames = ["15/main", "15/main"]
        var cascading = StatisticsWindow(now: 1000, serverStart: 100, isStandby: true, aliases: ["15/main"])
        cascading.standbyNames = ["below"]
        let node = NodeCounters(name: "replica1", scans: [:], window: cascading)

        #expect(primary.adding([node]).standbyNames == ["15/main", "below"])
    }

    @Test("Looked at from a standby, the primary's other standbys are not seen")
    func fromStandby() {
        let own = StatisticsWindow(now: 1000, serverStart: 100, isStandby: true, aliases: ["slot one"])
        var window = StatisticsWindow(now: 1000, serverStart: 100)
        window.standbyNames = ["slot one", "slot two"]

        let both = own.adding([NodeCounters(name: "primary", scans: [:], window: window)])

        #expect(both.standbyNames == ["slot two"])
        #expect(!both.seesAllNodes)
    }

    private static func look(_ url: String, nodes: [NodeCounters]) async throws -> [Finding] {
        var checkup = Checkup(
            checks: try Checks.all(with: ["unused-indexes": ["minimumWindow": "0s", "minimumBytes": "100kB"]])
        )
        checkup.otherNodes = nodes
        let sections = try await Self.connected(to: url) { try await checkup.sections(of: [.indexes], on: $0) }
        return (sections.verdict(of: "unused-indexes")?.findings ?? []).sorted { $0.subject < $1.subject }
    }

    private static func connected<Value: Sendable>(
        to url: String,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await PostgresConnection.connect(PostgresConfiguration(url))
        let result: Result<Value, any Error>
        do { result = .success(try await body(connection)) } catch { result = .failure(error) }
        await connection.close()
        return try result.get()
    }
}
