// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightRedis

@Suite("A subscription", .timeLimit(.minutes(1)))
struct RedisSubscriptionTests {
    private let backoff = Backoff(base: .milliseconds(5), cap: .milliseconds(20))

    @Test("says that it is subscribed, was interrupted, and is subscribed again")
    func interrupted() async throws {
        let server = try await PrivateRedis()
        let publisher = try await RedisConnection.connect(server.configuration)
        let subscription = RedisSubscription(
            server.configuration,
            channels: ["a"],
            patterns: ["b*"],
            backoff: self.backoff
        )
        var events = subscription.makeAsyncIterator()

        #expect(try await events.next() == .subscribed)
        _ = try await publisher.send(RedisCommand("PUBLISH", "b1", "one"))
        #expect(try await self.text(events.next()) == "one")
        _ = try await publisher.send(RedisCommand("CLIENT", "KILL", "TYPE", "pubsub"))
        guard case .interrupted(let error) = try await events.next() else { return #expect(Bool(false), "no word") }
        #expect(error.code == .connectionLost)
        #expect(try await events.next() == .subscribed)
        _ = try await publisher.send(RedisCommand("PUBLISH", "a", "two"))
        #expect(try await self.text(events.next()) == "two")
    }

    @Test("waits for a server that is gone, and asks for its address anew")
    func gone() async throws {
        let first = try await PrivateRedis()
        let second = try await PrivateRedis()
        let asked = Asked([first.configuration, RedisConfiguration(endpoint: .unix(path: "/tmp/none/redis"))])
        let subscription = RedisSubscription(channels: ["a"], backoff: self.backoff) {
            await asked.next() ?? second.configuration
        }
        var events = subscription.makeAsyncIterator()
        #expect(try await events.next() == .subscribed)

        try await first.kill()
        guard case .interrupted = try await events.next() else { return #expect(Bool(false), "no word") }
        #expect(try await events.next() == .subscribed)

        let publisher = try await RedisConnection.connect(second.configuration)
        _ = try await publisher.send(RedisCommand("PUBLISH", "a", "new home"))
        #expect(try await self.text(events.next()) == "new home")
    }

    @Test("throws what trying again does not cure")
    func hopeless() async throws {
        let server = try await PrivateRedis()
        let owner = try await RedisConnection.connect(server.configuration)
        _ = try await owner.send(RedisCommand("CONFIG", "SET", "requirepass", "right"))
        var configuration = server.configuration
        configuration.password = Secret("wrong")
        var events = RedisSubscription(configuration, channels: ["a"]).makeAsyncIterator()

        var code: RedisError.Code?
        do { _ = try await events.next() } catch let error as RedisError { code = error.code }

        #expect(code == .wrongPassword)
    }

    private func text(_ event: RedisSubscription.Event?) -> String? {
        if case .message(let message) = event { message.text } else { nil }
    }
}

/// Configurations to be given out one after the other.
private actor Asked {
    private var rest: [RedisConfiguration]
    init(_ all: [RedisConfiguration]) { self.rest = all }
    func next() -> RedisConfiguration? { self.rest.isEmpty ? nil : self.rest.removeFirst() }
}
