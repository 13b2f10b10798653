// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightPostgres
import MillwrightTesting
import Testing

@testable import MillwrightSandbox

@Suite("Standby, PgBouncer and Sentinels", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(5)))
struct CompanionTests {
    @Test("A standby follows, also after both servers were killed")
    func standbyFollows() async throws {
        var plan = SandboxPlan.postgresOnly
        plan.standby = true
        // A standby refuses to have fewer than its primary had, and the tests' own number is not in this plan.
        plan.postgresSettings["max_connections"] = "100"
        let servers = try await TestServers.private(plan)
        let standby = try #require(servers.state.standbyURL)
        #expect(try await ask("SELECT pg_is_in_recovery()::text", at: standby) == ["true"])

        try await servers.server("standby").kill()
        try await servers.server("postgres").kill()
        try await servers.sandbox.start(plan)
        try await ask("CREATE TABLE seen AS SELECT 1 AS n", at: servers.postgresURL)

        let follows = try await Wait.until(.seconds(10)) {
            try await ask(
                "SELECT to_regclass('seen')::text FROM (SELECT 1) AS one WHERE to_regclass('seen') IS NOT NULL",
                at: standby
            ) == ["seen"]
        }
        #expect(follows)
        #expect(
            try await ask("SELECT slot_name::text FROM pg_replication_slots WHERE active", at: servers.superuserURL)
                == ["standby"]
        )
        try await servers.remove()
    }

    @Test("PgBouncer hands statements on, and its console counts the pools")
    func bouncer() async throws {
        var plan = SandboxPlan.postgresOnly
        plan.pgbouncer = true
        let servers = try await TestServers.private(plan)
        let url = try #require(servers.state.pgbouncerURL)

        #expect(try await ask("SELECT current_user::text", at: url) == ["app"])
        try await servers.server("pgbouncer").kill()
        try await servers.server("pgbouncer").restart()
        #expect(try await ask("SELECT current_database()::text", at: url) == ["app"])
        try await servers.remove()
    }

    @Test("Three Sentinels make the replica the master when the master is killed")
    func failover() async throws {
        var plan = SandboxPlan.redisOnly
        plan.redisReplicas = 1
        plan.sentinels = 3
        let servers = try await TestServers.private(plan)
        let sentinels = servers.state.servers.filter { $0.kind == .sentinel }.compactMap(\.port).map {
            Endpoint.port($0)
        }
        let replica = Endpoint.socket(try #require(servers.state["redis-replica-1"]?.socket))
        #expect(sentinels.count == 3)
        // The Sentinels must have seen the replica and each other before they can act.
        let isWatched = try await Wait.until(.seconds(20), every: .milliseconds(100)) {
            for sentinel in sentinels where await !sentinel.answers("SENTINEL CKQUORUM main\r\n", with: "+OK 3") {
                return false
            }
            return await sentinels[0].answers("SENTINEL REPLICAS main\r\n", with: "*1")
        }
        #expect(isWatched)

        try await servers.server("redis").kill()

        let isPromoted = try await Wait.until(.seconds(30), every: .milliseconds(100)) {
            await replica.answers("ROLE\r\n", with: "*3\r\n$6\r\nmaster")
        }
        #expect(isPromoted)
        try await servers.remove()
    }
}
