// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightRedis
import MillwrightTesting
import Testing

@Suite("What Redis' driver leaves behind", .serialized, .enabled(if: Soak.isOn), .timeLimit(.minutes(60)))
struct RedisFlatTests {
    @Test("A million commands leave neither descriptors nor memory")
    func commands() async throws {
        let client = RedisClient(try await SharedRedis.database())
        try await expectFlat(rounds: 10, operations: 100_000) { operations in
            try await withThrowingTaskGroup { group in
                for task in 0..<10 {
                    group.addTask {
                        for number in 0..<operations / 10 {
                            try await client.set("key \(task)", "value \(number)")
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        await client.close()
    }

    @Test("Ten thousand connections, closed or let go, leave neither descriptors nor memory")
    func connections() async throws {
        let configuration = try await SharedRedis.database()
        try await expectFlat(rounds: 10, operations: 1_000) { operations in
            for number in 0..<operations {
                let connection = try await RedisConnection.connect(configuration)
                try await connection.ping()
                if number.isMultiple(of: 2) { await connection.close() }
            }
        }
    }

    @Test("Ten thousand cut connections leave neither descriptors nor memory")
    func faults() async throws {
        try await withFaultyRedis { network, configuration in
            try await expectFlat(rounds: 10, operations: 1_000) { operations in
                for _ in 0..<operations {
                    let connection = try await RedisConnection.connect(configuration)
                    await network.cut(.reset, after: 5, of: .replies)
                    _ = try? await connection.send(RedisCommand("ECHO", "cut"))
                    try await network.resume()
                }
            }
        }
    }
}
