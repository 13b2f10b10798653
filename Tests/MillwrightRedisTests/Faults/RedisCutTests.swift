// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightRedis
import MillwrightTesting
import Testing

@Suite("A Redis connection that is cut", .timeLimit(.minutes(2)))
struct RedisCutTests {
    // Their answers are as long each time: those of TIME are not, which drops leading zeros of the microseconds.
    private static let commands = [
        RedisCommand("ECHO", "hello"), RedisCommand("ECHO", "world"), RedisCommand("CONFIG", "GET", "databases"),
    ]

    enum Reading: CaseIterable { case single, pipeline, transaction }

    private static let cases = Reading.allCases.flatMap { reading in [FaultProxy.Cut.end, .reset].map { (reading, $0) }
    }

    @Test("At any byte of an answer it is an error, and the connection is given up", arguments: Self.cases)
    func answer(reading: Reading, how: FaultProxy.Cut) async throws {
        try await withFaultyRedis { network, configuration in
            let measured = try await RedisConnection.connect(configuration)
            let before = await network.passedBytes(.replies)
            try await self.read(reading, measured)
            let length = await network.passedBytes(.replies) - before
            await measured.close()

            for bytes in 0..<length {
                let connection = try await RedisConnection.connect(configuration)
                await network.cut(how, after: bytes, of: .replies)
                let error = await redisError { try await self.read(reading, connection) }
                #expect(error?.code == .connectionLost, "\(reading) cut after \(bytes) of \(length)")
                #expect(await !connection.isOpen)
                try await network.resume()
            }

            #expect(length >= 11)
        }
    }

    @Test("At any byte of the greeting no connection is made", arguments: [FaultProxy.Cut.end, .reset])
    func greeting(how: FaultProxy.Cut) async throws {
        try await withFaultyRedis { network, configuration in
            var configuration = configuration
            configuration.database = 3
            try await RedisConnection.connect(configuration).close()
            let length = await network.passedBytes(.replies)

            for bytes in 0..<length {
                await network.cut(how, after: bytes, of: .replies)
                let error = await redisError { _ = try await RedisConnection.connect(configuration) }
                #expect([.connectionFailed, .connectionLost].contains(error?.code), "cut after \(bytes) of \(length)")
            }

            #expect(length > 8)
        }
    }

    @Test("A client finds its way again after each cut")
    func client() async throws {
        try await withFaultyRedis { network, configuration in
            var configuration = configuration
            configuration.breakerThreshold = 1_000
            let client = RedisClient(configuration)
            for number in 0..<20 {
                await network.cut(.reset)
                // The client may learn of the cut by its next command only; the one after has a new connection.
                _ = try? await client.send(RedisCommand("PING"))
                let answer = try await client.send(RedisCommand("ECHO", "\(number)"))
                #expect(answer == .bulk(Array("\(number)".utf8)))
            }
            await client.close()
        }
    }

    private func read(_ reading: Reading, _ connection: RedisConnection) async throws {
        switch reading {
        case .single: _ = try await connection.send(Self.commands[0])
        case .pipeline: _ = try await connection.pipeline(Self.commands)
        case .transaction: _ = try await connection.transaction(Self.commands)
        }
    }
}
