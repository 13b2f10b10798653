// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
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

    @Test("is the same for every client of a server, whatever the database")
    func shared() throws {
        let one = EndpointBreaker.of(try RedisConfiguration("redis://breaker.example/1"))
        let two = EndpointBreaker.of(try RedisConfiguration("redis://:password@breaker.example/2"))
        let other = EndpointBreaker.of(try RedisConfiguration("redis://breaker.example:6380/1"))

        #expect(one === two)
        #expect(one !== other)
    }

    @Test("makes an outage cost nothing once it is open, and lets go when the server is back")
    func outage() async throws {
        let server = try await PrivateRedis()
        var configuration = server.configuration
        configuration.commandTimeout = .milliseconds(250)
        configuration.connectTimeout = .milliseconds(250)
        configuration.breakerThreshold = 3
        configuration.breakerBackoff = Backoff(base: .seconds(2), cap: .seconds(2))
        let client = RedisClient(configuration)
        let alias = RedisClient(configuration)
        try await client.ping()
        try await server.freeze()

        for _ in 0..<3 { #expect(await redisError { try await client.ping() }?.code == .timedOut) }
        let refusals = await ContinuousClock().measure {
            for _ in 0..<100 { #expect(await redisError { try await alias.ping() }?.code == .breakerOpen) }
        }
        try await server.thaw()

        #expect(refusals < .milliseconds(500))
        try await until { (try? await client.ping()) != nil }
        try await alias.ping()
        await client.close()
        await alias.close()
    }
}
