// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightIO
import MillwrightPooling
import Testing

@testable import MillwrightRedis

@Suite("The breaker of a server", .timeLimit(.minutes(1)))
struct EndpointBreakerTests {
    private func breaker(threshold: Int = 2) -> EndpointBreaker {
        EndpointBreaker(threshold: threshold, backoff: Backoff(base: .seconds(60), cap: .seconds(60)))
    }

    private func isOpen(_ breaker: EndpointBreaker) -> Bool {
        do {
            try breaker.check()
            return false
        } catch {
            return (error as? RedisError)?.code == .breakerOpen
        }
    }

    @Test("opens after failures in a row, and is closed by an answer")
    func opens() {
        let breaker = self.breaker()

        breaker.commandFailed(RedisError(.timedOut))
        #expect(!self.isOpen(breaker))
        breaker.openingFailed(RedisError(.connectionFailed))
        #expect(self.isOpen(breaker))
        breaker.answered()
        #expect(!self.isOpen(breaker))
    }

    @Test("takes a refusal for an answer, and a cancellation for nothing")
    func refusals() {
        let breaker = self.breaker()

        breaker.commandFailed(RedisError(.timedOut))
        breaker.commandFailed(RedisError(server: "OOM command not allowed"))
        breaker.commandFailed(RedisError(.timedOut))
        breaker.commandFailed(CancellationError())
        breaker.openingFailed(CancellationError())
        breaker.commandFailed(RedisError(.decodingFailed))
        #expect(!self.isOpen(breaker))
        breaker.openingFailed(RedisError(server: "LOADING Redis is loading"))
        #expect(self.isOpen(breaker))
    }

    @Test("takes the refusal of another client for an answer, and that of a breaker for nothing")
    func noOutage() {
        #expect(RedisConnection.news(in: RedisError(server: "ERR max number of clients reached")) == .answered)
        #expect(RedisConnection.news(in: RedisError(.breakerOpen)) == .none)
    }

    @Test("lets everybody through when the connection stands that was to find out")
    func probe() async throws {
        let pause = Backoff(base: .milliseconds(1), cap: .milliseconds(1))
        let breaker = EndpointBreaker(threshold: 1, backoff: pause)
        breaker.openingFailed(RedisError(.connectionFailed))
        try await until { !breaker.refuses }

        let connection = try await RedisConnection.connect(SharedRedis.database(), through: breaker, loop: .shared)

        #expect(breaker.standing == .closed)
        await connection.close()
    }

    @Test("is the same for every client of a server, whatever the database")
    func shared() throws {
        let one = EndpointBreaker.of(try RedisConfiguration("redis://breaker.example/1"))
        let two = EndpointBreaker.of(try RedisConfiguration("redis://:password@breaker.example/2"))
        let other = EndpointBreaker.of(try RedisConfiguration("redis://breaker.example:6380/1"))

        #expect(one === two)
        #expect(one !== other)
    }

    /// A configuration for a server that is frozen; its breaker opens at the third time-out.
    private func hasty(_ server: PrivateRedis, pause: Duration) -> RedisConfiguration {
        var configuration = self.patient(server, pause: pause)
        configuration.commandTimeout = .milliseconds(100)
        configuration.connectTimeout = .milliseconds(100)
        return configuration
    }

    /// The same breaker with time enough for any machine.
    private func patient(_ server: PrivateRedis, pause: Duration) -> RedisConfiguration {
        var configuration = server.configuration
        configuration.breakerThreshold = 3
        configuration.breakerBackoff = Backoff(base: pause, cap: pause)
        return configuration
    }

    @Test("makes an outage cost nothing once it is open: no caller waits, and nobody tries to connect")
    func outage() async throws {
        let server = try await PrivateRedis()
        let first = RedisClient(self.patient(server, pause: .seconds(3_600)))
        let alias = RedisClient(self.patient(server, pause: .seconds(3_600)))
        try await first.ping()
        try await alias.ping()
        try await server.freeze()

        let late = await redisError { _ = try await first.send(RedisCommand("PING"), timeout: .milliseconds(100)) }
        let client = RedisClient(self.hasty(server, pause: .seconds(3_600)))
        try await until { await redisError { try await client.ping() }?.code == .breakerOpen }
        // One that was sent would be late, after ten seconds.
        for _ in 0..<100 { #expect(await redisError { try await alias.ping() }?.code == .breakerOpen) }

        #expect(late?.code == .timedOut)
        // The third failure opens it; on a machine that stands still, the second.
        #expect((1...2).contains(await client.statistics().failedToOpen))
        #expect(await alias.statistics().opened == 1)
        #expect(await alias.statistics().failedToOpen == 0)
        for each in [first, client, alias] { await each.close() }
    }

    @Test("lets go when the server is back, for every client")
    func recovery() async throws {
        let server = try await PrivateRedis()
        try await server.freeze()
        let client = RedisClient(self.hasty(server, pause: .milliseconds(50)))
        let alias = RedisClient(self.patient(server, pause: .milliseconds(50)))
        try await until { await redisError { try await client.ping() }?.code == .breakerOpen }

        try await server.thaw()

        try await until { (try? await client.ping()) != nil }
        try await alias.ping()
        await client.close()
        await alias.close()
    }
}
