// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("PostgreSQL under faults", .serialized, .timeLimit(.minutes(2)))
struct FaultTests {
    @Test("A frozen server costs one deadline and the grace; the connection is given up")
    func frozen() async throws {
        let servers = try await TestServers.private(.postgresOnly)
        var configuration = PostgresConfiguration(servers.superuserURL)
        configuration.cancelGrace = .milliseconds(200)
        let connection = try await PostgresConnection.connect(configuration)
        configuration.connectTimeout = .milliseconds(300)
        let postgres = servers.server("postgres")
        try await postgres.stop()
        let clock = ContinuousClock()

        var start = clock.now
        let statement = await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT 1", timeout: .milliseconds(300))
        }
        let statementTook = clock.now - start
        start = clock.now
        let connecting = await #expect(throws: PostgresError.self) {
            try await PostgresConnection.connect(configuration)
        }
        let connectingTook = clock.now - start
        try await postgres.continue()

        #expect(statement?.code == .timedOut)
        #expect(connecting?.code == .timedOut)
        #expect(statementTook < .seconds(5))
        #expect(connectingTook < .seconds(5))
        #expect(await !connection.isUsable)
        try await servers.remove()
    }

    @Test("A server that is killed in the middle of its rows ends the statement with an error, never with fewer rows")
    func killed() async throws {
        let servers = try await TestServers.private(.postgresOnly)
        let connection = try await PostgresConnection.connect(PostgresConfiguration(servers.superuserURL))
        let postgres = servers.server("postgres")
        var seen = 0
        var killing: Task<Void, any Error>?

        let error = await #expect(throws: PostgresError.self) {
            try await connection.stream("SELECT generate_series(1, 100000000)") { _ in
                seen += 1
                if seen == 10_000 { killing = Task { try await postgres.kill() } }
            }
        }

        try await killing?.value
        #expect([.connectionLost, .queryFailed].contains(error?.code))
        #expect(seen < 100_000_000)
        #expect(await !connection.isUsable)
        try await servers.remove()
    }
}
