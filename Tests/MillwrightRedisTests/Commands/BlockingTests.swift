// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightRedis

@Suite("A command that waits", .timeLimit(.minutes(1)))
struct BlockingTests {
    @Test("is answered when somebody gives it something, and holds nobody up meanwhile")
    func answered() async throws {
        let client = RedisClient(try await SharedRedis.database())
        async let popped = client.blpop(["none", "list"], timeout: .seconds(20))
        try await until { await client.statistics().leases.inUse == 1 }

        try await client.ping()
        _ = try await client.send(RedisCommand("RPUSH", "list", "element"))

        let pair = try #require(try await popped)
        #expect(pair.key == Array("list".utf8))
        #expect(pair.element == Array("element".utf8))
        await client.close()
    }

    @Test("takes from the end that is asked for, and moves between lists")
    func ends() async throws {
        let client = RedisClient(try await SharedRedis.database())
        _ = try await client.send(RedisCommand("RPUSH", "list", "1", "2", "3"))
        _ = try await client.send(RedisCommand("ZADD", "scores", "1.5", "low", "9", "high"))

        #expect(try await client.brpop(["list"], timeout: .seconds(5))?.element == Array("3".utf8))
        let moved = try await client.blmove(from: "list", .left, to: "other", .right, timeout: .seconds(5))
        #expect(moved == Array("1".utf8))
        let low = try await client.bzpopmin(["scores"], timeout: .seconds(5))
        #expect(low?.member == Array("low".utf8))
        #expect(low?.score == 1.5)
        #expect(try await client.bzpopmax(["scores"], timeout: .seconds(5))?.score == 9)
        await client.close()
    }

    @Test("ends with nothing when its time is over, before the client's patience is")
    func nothing() async throws {
        var configuration = try await SharedRedis.database()
        configuration.maximumConnections = 1
        let client = RedisClient(configuration)

        #expect(try await client.blpop(["none"], timeout: .milliseconds(20)) == nil)
        #expect(try await client.bzpopmin(["none"], timeout: .milliseconds(20)) == nil)
        let none = try await client.blmove(from: "none", .left, to: "other", .left, timeout: .milliseconds(20))
        #expect(none == nil)
        let stream = RedisCommand("XREAD", "BLOCK", 20, "STREAMS", "none", "$")
        #expect(try await client.blocking(stream, for: .milliseconds(20)).isNull)

        // The same connection each time: an answered wait leaves it good.
        #expect(await client.statistics().opened == 1)
        await client.close()
    }

    @Test("gives its place and the server's up when it is cancelled")
    func cancelled() async throws {
        let server = try await PrivateRedis()
        var configuration = server.configuration
        configuration.maximumConnections = 1
        let client = RedisClient(configuration)
        let waiting = Task { try await client.blpop(["list"], timeout: .seconds(50)) }
        try await until { try await client.info("clients").integer("blocked_clients") == 1 }

        waiting.cancel()
        await #expect(throws: CancellationError.self) { _ = try await waiting.value }

        try await until { try await client.info("clients").integer("blocked_clients") == 0 }
        _ = try await client.send(RedisCommand("RPUSH", "list", "kept"))
        #expect(try await client.blpop(["list"], timeout: .seconds(5))?.element == Array("kept".utf8))
        await client.close()
    }

    @Test("is given up when the server does not keep its time")
    func frozen() async throws {
        let server = try await PrivateRedis()
        var configuration = server.configuration
        configuration.commandTimeout = .milliseconds(100)
        let client = RedisClient(configuration)
        try await client.withConnection { _ = try await $0.send(RedisCommand("PING"), timeout: .seconds(20)) }
        try await server.freeze()

        let error = await redisError { _ = try await client.blpop(["list"], timeout: .milliseconds(50)) }

        #expect(error?.code == .timedOut)
        await client.close()
    }

    @Test("refuses to wait for ever")
    func forever() async throws {
        let client = RedisClient(RedisConfiguration(endpoint: .unix(path: "/tmp/no/such/socket")))

        #expect(await redisError { _ = try await client.blpop(["list"], timeout: .zero) }?.code == .usage)
        let command = RedisCommand("BLPOP", "list", 0)
        #expect(await redisError { _ = try await client.blocking(command, for: .zero) }?.code == .usage)
    }

    @Test("says how many replicas have acknowledged, also where none is there")
    func replicas() async throws {
        let client = RedisClient(try await SharedRedis.database())

        let count = try await client.withConnection { connection in
            try await connection.set("key", "value")
            return try await connection.wait(forReplicas: 1, timeout: .milliseconds(20))
        }

        #expect(count == 0)
        await client.close()
    }
}
