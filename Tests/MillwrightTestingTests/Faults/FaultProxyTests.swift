// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres
import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("A proxy with faults", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(1)))
struct FaultProxyTests {
    private func withRedis(_ body: (FaultyServer, RedisConfiguration) async throws -> Void) async throws {
        try await TestServers.shared().withFaults(on: "redis") { redis in
            var configuration = try RedisConfiguration(redis.url())
            configuration.connectTimeout = .seconds(20)
            configuration.commandTimeout = .seconds(20)
            try await body(redis, configuration)
        }
    }

    private func code(_ body: () async throws -> Void) async -> RedisError.Code? {
        await #expect(throws: RedisError.self) { try await body() }?.code
    }

    @Test("Without a fault both servers work through it, with large answers, too")
    func transparent() async throws {
        let servers = try await TestServers.shared()
        try await servers.withFaults(on: "postgres") { postgres in
            let connection = try await PostgresConnection.connect(PostgresConfiguration(postgres.url()))
            let rows = try await connection.query("SELECT repeat('x', 3000000)", as: String.self)
            await connection.close()
            #expect(rows.first?.utf8.count == 3_000_000)
        }
        try await self.withRedis { _, configuration in
            let connection = try await RedisConnection.connect(configuration)
            let block = [UInt8](repeating: 7, count: 3_000_000)
            #expect(try await connection.send(RedisCommand("ECHO", block)) == .bulk(block))
        }
    }

    @Test("Refuses as where nobody listens, and takes connections again on the same port")
    func refuse() async throws {
        try await self.withRedis { redis, configuration in
            let before = try await RedisConnection.connect(configuration)
            await redis.network.refuse()

            #expect(await self.code { _ = try await RedisConnection.connect(configuration) } == .connectionFailed)
            try await before.ping()
            try await redis.network.resume()

            try await RedisConnection.connect(configuration).ping()
        }
    }

    @Test("Accepts and hangs, then goes on with what was asked meanwhile")
    func hang() async throws {
        try await self.withRedis { redis, configuration in
            await redis.network.hang()
            async let connection = RedisConnection.connect(configuration)
            while await redis.network.waitingBytes(.requests) == 0 { await Task.yield() }

            #expect(await redis.network.passedBytes(.requests) == 0)
            try await redis.network.resume()

            try await connection.ping()
        }
    }

    @Test("Holds replies back although the server has answered")
    func hold() async throws {
        try await self.withRedis { redis, configuration in
            let connection = try await RedisConnection.connect(configuration)
            await redis.network.hold(.replies)
            async let answer = connection.send(RedisCommand("ECHO", "held"))
            while await redis.network.waitingBytes(.replies) == 0 { await Task.yield() }

            #expect(await connection.commandsInFlight == 1)
            try await redis.network.resume()

            #expect(try await answer == .bulk(Array("held".utf8)))
        }
    }

    @Test("Ends a connection in the middle of an answer, in order or not", arguments: [FaultProxy.Cut.end, .reset])
    func cut(how: FaultProxy.Cut) async throws {
        try await self.withRedis { redis, configuration in
            let connection = try await RedisConnection.connect(configuration)
            let before = await redis.network.passedBytes(.replies)
            await redis.network.cut(how, after: 5, of: .replies)

            #expect(await self.code { _ = try await connection.send(RedisCommand("ECHO", "cut")) } == .connectionLost)

            #expect(await redis.network.passedBytes(.replies) == before + 5)
            #expect(await redis.network.openConnections == 0)
        }
    }

    @Test("Slows answers down to a pace, and delays them")
    func slow() async throws {
        try await self.withRedis { redis, configuration in
            let connection = try await RedisConnection.connect(configuration)
            let clock = ContinuousClock()
            await redis.network.slowDown(.replies, bytesPerSecond: 10_000, latency: .milliseconds(100))

            let took = try await clock.measure {
                _ = try await connection.send(RedisCommand("ECHO", [UInt8](repeating: 7, count: 2_000)))
            }

            #expect(took > .milliseconds(290))
        }
    }

    @Test("Puts bytes into a connection that nobody sent")
    func inject() async throws {
        try await self.withRedis { redis, configuration in
            let connection = try await RedisConnection.connect(configuration)
            await redis.network.hold(.replies)
            async let answer = connection.send(RedisCommand("ECHO", "true"))
            while await redis.network.waitingBytes(.replies) == 0 { await Task.yield() }

            await redis.network.inject(Array("+forged\r\n".utf8))

            #expect(try await answer == .status("forged"))
        }
    }

    @Test("Closed, it leaves no connection and nobody listening")
    func close() async throws {
        try await self.withRedis { redis, configuration in
            let connection = try await RedisConnection.connect(configuration)

            await redis.network.close()

            #expect(await self.code { try await connection.ping() } == .connectionLost)
            #expect(await self.code { _ = try await RedisConnection.connect(configuration) } == .connectionFailed)
        }
    }

    @Test("Listens at a Unix socket, too")
    func socket() async throws {
        let servers = try await TestServers.shared()
        let socket = try #require(servers.state["redis"]?.socket)
        let path = "/tmp/millwright-proxy-\(UInt64.random(in: .min ... .max)).sock"
        let proxy = try await FaultProxy.start(to: .socket(socket), listening: .socket(path))
        let connection = try await RedisConnection.connect(RedisConfiguration(endpoint: .unix(path: path)))

        try await connection.ping()
        await proxy.cut()

        #expect(await self.code { try await connection.ping() } == .connectionLost)
        await proxy.close()
    }
}
