// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightPostgres
import MillwrightTesting
import Testing

@testable import MillwrightSandbox

@Suite("Faults of private servers", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(5)))
struct FaultTests {
    @Test("A killed PostgreSQL is dead, and a start brings it back with its data")
    func killedPostgres() async throws {
        let servers = try await TestServers.private(.postgresOnly)
        try await ask("CREATE TABLE kept AS SELECT 7 AS n", at: servers.postgresURL)
        try await ask("CHECKPOINT", at: servers.superuserURL)

        try await servers.server("postgres").kill()
        #expect(try servers.server("postgres").condition() == .dead)
        let state = try await servers.sandbox.start(.postgresOnly)

        #expect(state["postgres"]?.condition == .running)
        #expect(state["postgres"]?.pid != servers.state["postgres"]?.pid)
        #expect(try await ask("SELECT n::text FROM kept", at: servers.postgresURL) == ["7"])
        try await servers.remove()
    }

    @Test("A frozen PostgreSQL answers no old session either, and answers it after it runs on")
    func frozenPostgres() async throws {
        let servers = try await TestServers.private(.postgresOnly)
        let connection = try await PostgresConnection.connect(PostgresConfiguration(servers.postgresURL))
        let postgres = servers.server("postgres")

        try await postgres.stop()
        #expect(try postgres.condition() == .frozen)
        let question = Task { try await connection.query("SELECT 1", timeout: .seconds(20)).count }
        #expect(try await Wait.until(.milliseconds(200)) { try postgres.condition() != .frozen } == false)
        try await postgres.continue()

        #expect(try await question.value == 1)
        #expect(try postgres.condition() == .running)
        await connection.close()
        try await servers.remove()
    }

    @Test("A start lets frozen servers run on, and starts killed ones again on the same socket")
    func startMends() async throws {
        let servers = try await TestServers.private(SandboxPlan())
        try await servers.server("postgres").stop()
        try await servers.server("redis").kill()
        #expect(try await servers.sandbox.status().servers.map(\.condition) == [.frozen, .dead])

        let state = try await servers.sandbox.start()

        #expect(state.servers.map(\.condition) == [.running, .running])
        #expect(state["postgres"]?.pid == servers.state["postgres"]?.pid)
        #expect(state.redisURL == servers.state.redisURL)
        try await servers.remove()
    }

    @Test("A frozen server can be stopped")
    func stopsFrozen() async throws {
        let servers = try await TestServers.private(SandboxPlan())
        try await servers.server("postgres").stop()
        try await servers.server("redis").stop()

        try await servers.sandbox.stop()

        #expect(try await servers.sandbox.status().servers.map(\.condition) == [.stopped, .stopped])
        try await servers.remove()
    }

    @Test("A restart makes a new process from the same data", arguments: ["postgres", "redis"])
    func restarts(name: String) async throws {
        let servers = try await TestServers.private(name == "redis" ? .redisOnly : .postgresOnly)

        try await servers.server(name).restart()

        let state = try await servers.sandbox.status()
        #expect(state[name]?.condition == .running)
        #expect(state[name]?.pid != servers.state[name]?.pid)
        #expect(state[name]?.url == servers.state[name]?.url)
        try await servers.remove()
    }

    @Test("A server that is not there cannot be put through faults")
    func unknownServer() async throws {
        let sandbox = Sandbox(folder: "/tmp/millwright-no-such-sandbox")

        await #expect { try await sandbox.server("redis").kill() } throws: {
            ($0 as? SandboxError)?.code == .unknownServer
        }
        #expect(try await sandbox.status().servers == [])
        try await sandbox.stop()
    }
}

/// Asks one statement over a connection of its own.
@discardableResult
func ask(_ sql: SQL, at url: String) async throws -> [String] {
    let connection = try await PostgresConnection.connect(PostgresConfiguration(url))
    let rows = try await connection.query(sql)
    await connection.close()
    return try rows.map { try $0.get(0, as: String.self) }
}
