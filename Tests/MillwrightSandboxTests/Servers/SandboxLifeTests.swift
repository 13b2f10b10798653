// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("The life of a sandbox", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(5)))
struct SandboxLifeTests {
    @Test("A start serves, a second start changes nothing, a stop ends all, and the data is there again")
    func startsAndStops() async throws {
        let servers = try await TestServers.private(SandboxPlan())
        let sandbox = servers.sandbox
        #expect(servers.state.servers.map(\.condition) == [.running, .running])

        let again = try await sandbox.start()
        #expect(again == servers.state)

        try await sandbox.stop()
        #expect(try await sandbox.status().servers.map(\.condition) == [.stopped, .stopped])
        try await sandbox.remove()
    }

    @Test("All kinds of server run together")
    func allKinds() async throws {
        var plan = SandboxPlan()
        plan.standby = true
        plan.pgbouncer = true
        plan.sentinels = 3
        plan.redisReplicas = 1
        let servers = try await TestServers.private(plan)
        #expect(servers.state.servers.count == 8)
        try await servers.remove()
    }
}
