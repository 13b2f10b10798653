// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("A PostgreSQL that dies", .serialized, .timeLimit(.minutes(3)))
struct ServerDeathTests {
    private let rows: SQL = "SELECT n, repeat('x', 100) FROM generate_series(1, 100000000) AS n"

    /// Streams rows until the connection breaks; `strike` comes when some have been read.
    private func stream(
        _ connection: PostgresConnection,
        strike: @escaping @Sendable () async throws -> Void
    ) async throws -> (error: PostgresError?, rows: Int) {
        var seen = 0
        var striking: Task<Void, any Error>?
        let error = await postgresError {
            try await connection.stream(self.rows) { row in
                seen += 1
                let number = try row.get(0, as: Int.self)
                #expect(number == seen)
                if seen == 5_000 { striking = Task { try await strike() } }
            }
        }
        try await striking?.value
        return (error, seen)
    }

    @Test("A backend killed in the middle of its rows is an error after the rows that came, each of them right")
    func backend() async throws {
        let servers = try await TestServers.private(.postgresOnly)
        let connection = try await PostgresConnection.connect(testConfiguration(servers.superuserURL))
        let pid = await connection.backendPID

        let (error, rows) = try await self.stream(connection) { _ = kill(pid, SIGKILL) }

        #expect(error?.code == .connectionLost)
        #expect(rows >= 5_000)
        #expect(await !connection.isUsable)
        try await servers.remove()
    }

    @Test("A server killed whole in the middle of its rows is an error, and the client connects again after a restart")
    func server() async throws {
        let servers = try await TestServers.private(.postgresOnly)
        let client = PostgresClient(testConfiguration(servers.superuserURL))
        let postgres = servers.server("postgres")

        let (error, _) = try await client.withConnection { connection in
            try await self.stream(connection) { try await postgres.kill() }
        }
        let down = await postgresError { _ = try await client.query("SELECT 1") }
        try await postgres.restart()
        let answer = try await client.query("SELECT 2", as: Int.self)

        #expect(error?.code == .connectionLost)
        #expect(down?.code == .connectionFailed)
        #expect(answer == [2])
        await client.close()
        try await servers.remove()
    }

    @Test("A server killed while a COPY goes in is an error, and no row stays")
    func copyIn() async throws {
        let servers = try await TestServers.private(.postgresOnly)
        let configuration = testConfiguration(servers.superuserURL)
        let connection = try await PostgresConnection.connect(configuration)
        try await connection.execute("CREATE TABLE t (line text)")
        try await connection.execute("CHECKPOINT")
        let postgres = servers.server("postgres")
        let chunk = Array(String(repeating: "x", count: 65_535).utf8) + [10]
        var chunks = 0

        let error = await postgresError {
            try await connection.copyIn("COPY t FROM STDIN") {
                chunks += 1
                if chunks == 20 { try await postgres.kill() }
                return chunk
            }
        }
        try await postgres.restart()
        let after = try await PostgresConnection.connect(configuration)

        #expect(error?.code == .connectionLost)
        #expect(try await after.query("SELECT count(*) FROM t", as: Int.self) == [0])
        await after.close()
        try await servers.remove()
    }

    @Test("Idle connections of a killed server are not lent")
    func idle() async throws {
        let servers = try await TestServers.private(.postgresOnly)
        let client = PostgresClient(testConfiguration(servers.superuserURL))
        try await withThrowingTaskGroup { group in
            for _ in 0..<5 { group.addTask { _ = try await client.query("SELECT pg_sleep(0.05)") } }
            try await group.waitForAll()
        }
        let postgres = servers.server("postgres")

        try await postgres.kill()
        try await postgres.restart()
        // Every connection that was idle is broken; each statement must find it out before it is sent.
        for number in 0..<5 {
            #expect(try await client.query("SELECT \(number)").decode(as: String.self) == ["\(number)"])
        }

        await client.close()
        try await servers.remove()
    }
}
