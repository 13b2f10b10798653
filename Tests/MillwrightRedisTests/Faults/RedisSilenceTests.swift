// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightRedis
import MillwrightTesting
import Testing

@Suite("A Redis that falls silent", .timeLimit(.minutes(2)))
struct RedisSilenceTests {
    /// That `body` takes no longer than its deadline and what a busy machine adds.
    private func expectWithin<Value>(_ limit: Duration, _ body: () async throws -> Value) async rethrows -> Value {
        let start = ContinuousClock.now
        let value = try await body()
        #expect(ContinuousClock.now - start < limit)
        return value
    }

    @Test("Accepted and then left alone, connecting ends at its deadline")
    func connecting() async throws {
        try await withFaultyRedis { network, configuration in
            var hasty = configuration
            hasty.connectTimeout = .milliseconds(300)
            let configuration = hasty
            await network.hang()

            let error = await self.expectWithin(.seconds(15)) {
                await redisError { _ = try await RedisConnection.connect(configuration) }
            }

            #expect(error?.code == .timedOut)
        }
    }

    @Test("A trickle of bytes keeps no command alive past its deadline")
    func trickle() async throws {
        try await withFaultyRedis { network, configuration in
            let connection = try await RedisConnection.connect(configuration)
            await network.slowDown(.replies, bytesPerSecond: 200)

            let error = await self.expectWithin(.seconds(15)) {
                await redisError {
                    let echo = RedisCommand("ECHO", [UInt8](repeating: 7, count: 100_000))
                    _ = try await connection.send(echo, timeout: .milliseconds(300))
                }
            }

            #expect(error?.code == .timedOut)
            #expect(await !connection.isOpen)
        }
    }

    @Test("A server that does not read holds no command past its deadline, and what was not sent is never run")
    func fullOutput() async throws {
        try await withFaultyRedis { network, configuration in
            let connection = try await RedisConnection.connect(configuration)
            let key = "full-\(UInt64.random(in: .min ... .max))"
            await network.hold(.requests)
            let block = [UInt8](repeating: 7, count: 1_000_000)
            let commands = (0..<40).map { _ in RedisCommand("ECHO", block) } + [RedisCommand("SET", key, "run")]

            let error = await self.expectWithin(.seconds(15)) {
                await redisError { _ = try await connection.pipeline(commands, timeout: .milliseconds(300)) }
            }
            try await network.resume()

            #expect(error?.code == .timedOut)
            #expect(await !connection.isOpen)
            #expect(try await RedisConnection.connect(configuration).get(key) == nil)
        }
    }

    @Test("An answer that comes after its deadline never reaches the next caller")
    func lateAnswer() async throws {
        try await withFaultyRedis { network, configuration in
            var configuration = configuration
            configuration.breakerThreshold = 1_000_000
            let client = RedisClient(configuration)
            for number in 0..<Soak.count(10, soaking: 200) {
                _ = try await client.send(RedisCommand("PING"))
                await network.hold(.replies)
                let late = await redisError {
                    _ = try await client.send(RedisCommand("ECHO", "late"), timeout: .milliseconds(50))
                }
                async let next = client.send(RedisCommand("ECHO", "\(number)"))
                try await network.resume()

                #expect(late?.code == .timedOut)
                #expect(try await next == .bulk(Array("\(number)".utf8)))
            }
            await client.close()
        }
    }

    @Test("An answer held back to a cancelled task is dropped in step")
    func cancelled() async throws {
        try await withFaultyRedis { network, configuration in
            let connection = try await RedisConnection.connect(configuration)
            for number in 0..<20 {
                await network.hold(.replies)
                let task = Task { try await connection.send(RedisCommand("ECHO", "cancelled")) }
                try await until { await network.waitingBytes(.replies) > 0 }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                async let next = connection.send(RedisCommand("ECHO", "\(number)"))
                try await network.resume()

                #expect(try await next == .bulk(Array("\(number)".utf8)))
            }
            #expect(await connection.isOpen)
        }
    }
}
