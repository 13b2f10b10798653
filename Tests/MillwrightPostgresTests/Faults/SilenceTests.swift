// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("A PostgreSQL that falls silent", .timeLimit(.minutes(2)))
struct SilenceTests {
    /// The deadlines here are shorter than a second, and what a busy machine adds is less than their configuration's sixty.
    private static let soon = Duration.seconds(20)

    private func hasty(
        _ configuration: PostgresConfiguration,
        connecting: Duration = .seconds(30)
    ) -> PostgresConfiguration {
        var configuration = configuration
        configuration.connectTimeout = connecting
        configuration.statementTimeout = .milliseconds(300)
        configuration.cancelGrace = .milliseconds(200)
        return configuration
    }

    @Test("Accepted and then left alone, connecting ends at its deadline")
    func connecting() async throws {
        try await withFaultyPostgres { network, configuration in
            await network.hang()

            let error = await expectWithin(Self.soon) {
                await postgresError {
                    _ = try await PostgresConnection.connect(self.hasty(configuration, connecting: .milliseconds(300)))
                }
            }

            #expect(error?.code == .timedOut)
        }
    }

    @Test("A trickle of bytes keeps no statement alive past its deadline")
    func trickle() async throws {
        try await withFaultyPostgres { network, configuration in
            let connection = try await PostgresConnection.connect(self.hasty(configuration))
            await network.slowDown(.replies, bytesPerSecond: 200)

            let error = await expectWithin(Self.soon) {
                await postgresError { _ = try await connection.query("SELECT repeat('x', 100000)") }
            }

            #expect(error?.code == .timedOut)
            #expect(await !connection.isUsable)
        }
    }

    @Test("A trickle of bytes keeps no connecting alive past its deadline")
    func trickleWhileConnecting() async throws {
        try await withFaultyPostgres { network, configuration in
            await network.slowDown(.replies, bytesPerSecond: 100)

            let error = await expectWithin(Self.soon) {
                await postgresError {
                    _ = try await PostgresConnection.connect(self.hasty(configuration, connecting: .milliseconds(300)))
                }
            }

            #expect(error?.code == .timedOut)
        }
    }

    @Test("A cancel request that nobody answers holds no statement past its deadline and the grace")
    func unansweredCancel() async throws {
        try await withFaultyPostgres { network, configuration in
            let key = Int.random(in: 1...Int.max)
            let other = try await PostgresConnection.connect(configuration)
            try await other.execute("SELECT pg_advisory_lock(\(key))")
            let connection = try await PostgresConnection.connect(self.hasty(configuration))
            let opened = await network.acceptedConnections
            await network.hang()

            // The statement ends by itself in the grace time: the other session lets it go while the request is under way.
            async let statement: Void = expectWithin(Self.soon) {
                _ = try? await connection.execute("SELECT pg_advisory_lock(\(key))")
            }
            try await until { await network.acceptedConnections > opened }
            try await other.execute("SELECT pg_advisory_unlock(\(key))", timeout: .seconds(30))
            await statement

            #expect(await !connection.isUsable)
        }
    }

    @Test("A server that does not read holds no statement past its deadline")
    func fullOutput() async throws {
        try await withFaultyPostgres { network, configuration in
            let connection = try await PostgresConnection.connect(self.hasty(configuration))
            await network.hold(.requests)
            let text = String(repeating: "x", count: 30_000_000)

            let error = await expectWithin(Self.soon) {
                await postgresError { _ = try await connection.query("SELECT length(\(text))") }
            }

            #expect(error?.code == .timedOut)
            #expect(await !connection.isUsable)
        }
    }

    @Test("A COPY into a server that does not read ends at its deadline")
    func fullCopy() async throws {
        try await withFaultyPostgres { network, configuration in
            let connection = try await PostgresConnection.connect(self.hasty(configuration))
            try await connection.execute("CREATE TEMPORARY TABLE t (line text)", timeout: .seconds(30))
            await network.hold(.requests)
            let chunk = Array(String(repeating: "x", count: 65_535).utf8) + [10]

            let error = await expectWithin(Self.soon) {
                await postgresError { try await connection.copyIn("COPY t FROM STDIN") { chunk } }
            }

            #expect(error?.code == .timedOut)
            #expect(await !connection.isUsable)
        }
    }

    @Test("An idle connection that is asked in vain is given up without the grace of a statement")
    func unansweredCheck() async throws {
        try await withFaultyPostgres { network, configuration in
            var configuration = self.hasty(configuration)
            configuration.checkAfter = .zero
            configuration.acquireTimeout = .milliseconds(400)
            configuration.cancelGrace = .seconds(600)
            let client = PostgresClient(configuration)
            _ = try await client.query("SELECT 1", timeout: .seconds(30))
            await network.hold(.replies)

            // Only what was sent on the old connection stays unanswered.
            let asked = Task { try await client.query("SELECT 2", timeout: .seconds(30)).decode(as: Int.self) }
            try await until { await client.statistics().counts.closed[.unanswered] == 1 }
            try await network.resume()

            #expect(try await asked.value == [2])
            await client.close()
        }
    }

    @Test("An answer that comes after its deadline never reaches the next caller")
    func lateAnswer() async throws {
        try await withFaultyPostgres { network, configuration in
            var configuration = self.hasty(configuration)
            configuration.maximumConnections = 1
            configuration.acquireTimeout = .seconds(30)
            let client = PostgresClient(configuration)
            for number in 0..<Soak.count(5, soaking: 100) {
                _ = try await client.query("SELECT 1", timeout: .seconds(30))
                await network.hold(.replies)
                let late = await postgresError { _ = try await client.query("SELECT 'late'") }
                try await network.resume()
                let next = try await client.query("SELECT \(number)", timeout: .seconds(30)).decode(as: String.self)

                #expect(late?.code == .timedOut)
                #expect(next == ["\(number)"])
            }
            await client.close()
        }
    }

    @Test("Frozen in the middle of its rows, the server costs who gives up the grace and no more")
    func frozenInMidResult() async throws {
        let servers = try await TestServers.private(.postgresOnly)
        let connection = try await PostgresConnection.connect(self.hasty(testConfiguration(servers.superuserURL)))
        let seen = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let rows: SQL = "SELECT repeat('x', 10000), pg_sleep(0.001) FROM generate_series(1, 1000000)"
        let reading = Task {
            try await connection.stream(rows, timeout: .seconds(60)) { _ in seen.continuation.yield() }
        }
        for await _ in seen.stream { break }

        // A deadline could come before the server is stopped, on a busy machine: what is given up goes the same way.
        try await servers.server("postgres").stop()
        reading.cancel()

        await expectWithin(Self.soon) {
            _ = await #expect(throws: CancellationError.self) { try await reading.value }
        }
        #expect(await !connection.isUsable)
        try await servers.server("postgres").continue()
        try await servers.remove()
    }
}
