// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightTesting
import Testing

@testable import MillwrightRedis

@Suite("A client that is drained", .timeLimit(.minutes(1)))
struct RedisDrainTests {
    @Test("takes no more commands, and has those under way answered")
    func answered() async throws {
        try await withFaultyRedis { network, configuration in
            let client = RedisClient(configuration)
            try await client.ping()
            await network.hold(.replies)
            async let answer = client.send(RedisCommand("ECHO", "under way"))
            try await until { await network.waitingBytes(.replies) > 0 }

            async let drained: Void = client.drain(within: .seconds(20))
            async let again: Void = client.drain(within: .seconds(20))
            try await until { await !client.statistics().isConnected }
            let refused = await redisError { try await client.ping() }
            try await network.resume()

            #expect(refused?.code == .closed)
            #expect(try await answer == .bulk(Array("under way".utf8)))
            await drained
            await again
            #expect(await redisError { try await client.ping() }?.code == .closed)
        }
    }

    @Test("ends with nothing under way at once")
    func idle() async throws {
        let client = RedisClient(try await SharedRedis.database())
        try await client.ping()

        await client.drain(within: .seconds(3_600))

        #expect(await redisError { try await client.ping() }?.code == .closed)
    }

    @Test("gives up what is not answered when the time is over, or the task cancelled", arguments: [true, false])
    func late(isCancelled: Bool) async throws {
        try await withFaultyRedis { network, configuration in
            let client = RedisClient(configuration)
            try await client.ping()
            await network.hold(.replies)
            async let error = redisError { _ = try await client.send(RedisCommand("ECHO", "under way")) }
            try await until { await network.waitingBytes(.replies) > 0 }

            let drain = Task { await client.drain(within: isCancelled ? .seconds(3_600) : .milliseconds(20)) }
            try await until { await !client.statistics().isConnected }
            if isCancelled { drain.cancel() }
            await drain.value

            #expect(await error?.code == .closed)
            #expect(await error?.mayHaveRun == true)
        }
    }
}
