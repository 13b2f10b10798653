// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightRedis
import MillwrightTesting
import Testing

@Suite("Tasks of Redis that are cancelled at any moment", .timeLimit(.minutes(30)))
struct RedisRaceTests {
    enum Work: CaseIterable { case single, pipeline, transaction, lent, connecting }

    @Test("Each ends, and nobody gets another's answer", arguments: Work.allCases)
    func races(work: Work) async throws {
        var configuration = try await SharedRedis.database()
        configuration.maximumConnections = 2
        configuration.breakerThreshold = 1_000_000
        let settings = configuration
        let client = RedisClient(settings)
        // Whatever the moments that a busy machine leaves: one that is never cancelled, and one that is before it begins.
        try await self.run(work, client, settings, -1)
        let late = Task {
            while !Task.isCancelled { await Task.yield() }
            try await self.run(work, client, settings, -2)
        }
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }

        for round in 0..<Soak.count(300, soaking: 10_000) {
            let task = Task { try await self.run(work, client, settings, round) }
            try await Task.sleep(for: .microseconds(Int.random(in: 0...600)))
            task.cancel()
            do { try await task.value } catch is CancellationError {}

            let answer = try await client.send(RedisCommand("ECHO", "after \(round)"))
            #expect(answer == .bulk(Array("after \(round)".utf8)))
        }

        await client.close()
    }

    private func run(_ work: Work, _ client: RedisClient, _ configuration: RedisConfiguration, _ round: Int)
        async throws
    {
        func check(_ sender: some RedisSending, _ number: Int) async throws {
            let answer = try await sender.send(RedisCommand("ECHO", "\(round)/\(number)"))
            #expect(answer == .bulk(Array("\(round)/\(number)".utf8)))
        }
        let echoes = (0..<20).map { RedisCommand("ECHO", "\(round)/\($0)") }
        let expected = (0..<20).map { RedisValue.bulk(Array("\(round)/\($0)".utf8)) }
        switch work {
        case .single: for number in 0..<10 { try await check(client, number) }
        case .pipeline: #expect(try await client.pipeline(echoes) == expected)
        case .transaction: #expect(try await client.transaction(echoes) == expected)
        case .lent:
            try await client.withConnection { connection in for number in 0..<5 { try await check(connection, number) }
            }
        case .connecting:
            let connection = try await RedisConnection.connect(configuration)
            try await check(connection, 0)
            await connection.close()
        }
    }
}
