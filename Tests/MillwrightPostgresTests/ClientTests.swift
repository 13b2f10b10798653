// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import Testing

@Suite("PostgreSQL client", .timeLimit(.minutes(1)))
struct ClientTests {
    var configuration: PostgresConfiguration

    init() async throws { self.configuration = try await testConfiguration() }

    @Test("Two hundred tasks share four connections, and each gets its own answer")
    func shares() async throws {
        var configuration = self.configuration
        configuration.maximumConnections = 4
        configuration.acquireTimeout = .seconds(30)
        let client = PostgresClient(configuration)

        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask { try await client.query("SELECT \(number)::int8", as: Int.self) == [number] }
            }
            for try await isRight in group { #expect(isRight) }
        }

        let statistics = await client.statistics()
        #expect(statistics.inUse == 0)
        #expect(statistics.waiting == 0)
        #expect((1...4).contains(statistics.idle))
        await client.close()
    }

    @Test("Who waits too long for a connection is told so, and nobody else suffers")
    func acquireTimeout() async throws {
        var configuration = self.configuration
        configuration.maximumConnections = 1
        configuration.acquireTimeout = .milliseconds(50)
        let client = PostgresClient(configuration)

        try await client.withConnection { connection in
            let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT 1") }
            #expect(error?.code == .timedOut)
            let holder = try await connection.query("SELECT 2", as: Int.self)
            #expect(holder == [2])
        }

        #expect(try await client.query("SELECT 3", as: Int.self) == [3])
        await client.close()
    }

    @Test("A queue that is full turns the next caller away at once")
    func fullQueue() async throws {
        var configuration = self.configuration
        configuration.maximumConnections = 1
        configuration.maximumWaiting = 0
        let client = PostgresClient(configuration)

        try await client.withConnection { _ in
            let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT 1") }
            #expect(error?.code == .poolExhausted)
        }

        await client.close()
    }

    @Test("A connection that comes back in a transaction is closed, not lent again")
    func uncleanConnection() async throws {
        var configuration = self.configuration
        configuration.maximumConnections = 1
        let client = PostgresClient(configuration)
        let first = try await client.withConnection { connection in
            try await connection.execute("BEGIN")
            return await connection.backendPID
        }

        let second = try await client.withConnection { connection in
            #expect(await !connection.isInTransaction)
            return await connection.backendPID
        }

        #expect(first != second)
        await client.close()
    }

    @Test("A connection the server ended while it was idle is replaced")
    func endedWhileIdle() async throws {
        var configuration = self.configuration
        configuration.maximumConnections = 1
        let client = PostgresClient(configuration)
        let other = try await PostgresConnection.connect(self.configuration)
        let pid = try await client.withConnection { await $0.backendPID }

        _ = try await other.query("SELECT pg_terminate_backend(\(pid), 10000)")

        #expect(try await client.query("SELECT 4", as: Int.self) == [4])
        await client.close()
        await other.close()
    }

    @Test("Cancelled callers leak no place in the pool")
    func cancelledCallers() async throws {
        var configuration = self.configuration
        configuration.maximumConnections = 2
        let client = PostgresClient(configuration)

        await withTaskGroup(of: Void.self) { group in
            for round in 0..<500 {
                group.addTask {
                    let task = Task { try await client.query("SELECT pg_sleep(0.001)") }
                    for _ in 0..<(round % 20) { await Task.yield() }
                    task.cancel()
                    _ = await task.result
                }
            }
        }

        let statistics = await client.statistics()
        #expect(statistics.inUse == 0)
        #expect(statistics.waiting == 0)
        #expect(try await client.query("SELECT 5", as: Int.self) == [5])
        await client.close()
    }

    @Test("A transaction is committed when its body returns and rolled back when it throws")
    func transactions() async throws {
        struct Failed: Error {}
        let client = PostgresClient(self.configuration)
        try await client.withConnection { connection in
            try await connection.run(script: "CREATE TEMP TABLE kept (id int)")

            try await connection.withTransaction { try await $0.execute("INSERT INTO kept VALUES (1)") }
            await #expect(throws: Failed.self) {
                try await connection.withTransaction { connection in
                    try await connection.execute("INSERT INTO kept VALUES (2)")
                    throw Failed()
                }
            }
            let readOnly = await #expect(throws: PostgresError.self) {
                try await connection.withTransaction(.readOnly) { try await $0.execute("CREATE TABLE t (id int)") }
            }

            #expect(readOnly?.sqlState == "25006")
            let kept = try await connection.query("SELECT id FROM kept", as: Int.self)
            #expect(kept == [1])
        }
        await client.close()
    }

    @Test("A closed client turns callers away")
    func closed() async throws {
        let client = PostgresClient(self.configuration)
        _ = try await client.query("SELECT 1")

        await client.close()

        let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT 1") }
        #expect(error?.code == .closed)
    }
}
