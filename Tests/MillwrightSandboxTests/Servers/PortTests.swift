// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightPostgres
import MillwrightTesting
import Testing

@testable import MillwrightSandbox

@Suite("Loopback ports", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(5)))
struct PortTests {
    @Test("A port asks for the password of the passfile, and lets no superuser in")
    func passwords() async throws {
        var plan = SandboxPlan.postgresOnly
        plan.postgresPort = 0
        let servers = try await TestServers.private(plan)
        let port = try #require(servers.state["postgres"]?.port)
        let passfile = "\(servers.sandbox.folder)/servers/postgres/passfile"

        let user = try await ask(
            "SELECT current_user::text",
            at: "postgres://app@127.0.0.1:\(port)/app?passfile=\(passfile)"
        )
        #expect(user == ["app"])
        await #expect(throws: PostgresError.self) {
            try await ask("SELECT '1'", at: "postgres://app@127.0.0.1:\(port)/app")
        }
        await #expect(throws: PostgresError.self) {
            try await ask("SELECT '1'", at: "postgres://postgres@127.0.0.1:\(port)/app")
        }

        let seen = try await ask(
            "SELECT count(*)::text FROM pg_stat_statements WHERE query ILIKE '%password%' AND query NOT ILIKE '%ilike%'",
            at: servers.superuserURL
        )
        #expect(seen == ["0"])
        try await servers.remove()
    }

    @Test("The port stays the same over a stop, and on the socket all is as before")
    func portStays() async throws {
        var plan = SandboxPlan()
        plan.postgresPort = 0
        plan.redisPort = 0
        let servers = try await TestServers.private(plan)

        try await servers.sandbox.stop()
        let state = try await servers.sandbox.start(plan)

        #expect(state.servers.map(\.port) == servers.state.servers.map(\.port))
        #expect(state.servers.allSatisfy { $0.port != nil })
        #expect(try await ask("SELECT 'well'", at: state.postgresURL ?? "") == ["well"])
        try await servers.remove()
    }

    @Test("A port that is taken is refused by name before anything is started")
    func takenPort() async throws {
        var plan = SandboxPlan.redisOnly
        plan.redisPort = 0
        let first = try await TestServers.private(plan)
        plan.redisPort = first.state["redis"]?.port
        let sandbox = TestServers.freshSandbox()

        await #expect { try await sandbox.start(plan) } throws: {
            guard let error = $0 as? SandboxError else { return false }
            return error.code == .portTaken && error.tried.contains("127.0.0.1:\(plan.redisPort ?? 0)")
        }

        #expect(try await sandbox.status().servers.allSatisfy { $0.pid == nil })
        try await sandbox.remove()
        try await first.remove()
    }
}
