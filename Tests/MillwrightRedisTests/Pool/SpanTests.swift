// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import InMemoryTracing
import MillwrightPooling
import MillwrightTesting
import Testing

@testable import MillwrightRedis

@Suite("Spans of Redis", .timeLimit(.minutes(1)))
struct SpanTests {
    @Test("A plain command, a pipeline and a transaction have one each, which names no key; an error ends it, too")
    func commands() async throws {
        let tracer = InMemoryTracer()
        let servers = try await TestServers.shared()
        let client = RedisClient(
            try RedisConfiguration(servers.redisURL),
            observation: PoolObservation("cache", tracer: tracer)
        )

        try await client.set("spans:key", "value", expiresIn: .seconds(10))
        _ = try await client.pipeline([RedisCommand("GET", "spans:key"), RedisCommand("PING")])
        _ = try await client.transaction([RedisCommand("GET", "spans:key")])
        #expect(await redisError { _ = try await client.send(RedisCommand("INCR", "spans:key")) } != nil)

        #expect(tracer.finishedSpans.map(\.operationName) == Array(repeating: "redis query", count: 4))
        #expect(tracer.finishedSpans.map(\.errors.count) == [0, 0, 0, 1])
        #expect(!"\(tracer.finishedSpans.map(\.attributes))".contains("spans:key"))
        await client.close()
    }
}
