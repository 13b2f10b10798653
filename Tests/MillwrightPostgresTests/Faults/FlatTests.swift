// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres
import MillwrightTesting
import Testing

@Suite("What PostgreSQL's driver leaves behind", .serialized, .enabled(if: Soak.isOn), .timeLimit(.minutes(60)))
struct FlatTests {
    @Test("A million statements leave neither descriptors nor memory")
    func statements() async throws {
        let client = PostgresClient(try await testConfiguration())
        try await expectFlat(rounds: 10, operations: 100_000) { operations in
            try await withThrowingTaskGroup { group in
                for _ in 0..<10 {
                    group.addTask {
                        for number in 0..<operations / 10 {
                            let sql: SQL = "SELECT \(number), repeat('x', 1000)"
                            _ = try await client.query(sql).decode(as: (String, String).self)
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
        let configuration = try await testConfiguration()
        try await expectFlat(rounds: 10, operations: 1_000) { operations in
            for number in 0..<operations {
                let connection = try await PostgresConnection.connect(configuration)
                _ = try await connection.query("SELECT 1")
                if number.isMultiple(of: 2) { await connection.close() }
            }
        }
    }

    @Test("Ten thousand cut connections and failed statements leave neither descriptors nor memory")
    func faults() async throws {
        try await withFaultyPostgres { network, configuration in
            try await expectFlat(rounds: 10, operations: 1_000) { operations in
                for _ in 0..<operations {
                    let connection = try await PostgresConnection.connect(configuration)
                    _ = try? await connection.query("SELECT 1 / 0")
                    await network.cut(.reset, after: 30, of: .replies)
                    _ = try? await connection.query("SELECT repeat('x', 1000)")
                    try await network.resume()
                }
            }
        }
    }
}
