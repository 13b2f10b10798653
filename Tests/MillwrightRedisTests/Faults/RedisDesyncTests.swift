// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightRedis
import MillwrightTesting
import Synchronization
import Testing

@Suite("A Redis that speaks out of turn", .timeLimit(.minutes(1)))
struct RedisDesyncTests {
    private typealias Outcome = (error: RedisError?, isOpen: Bool)

    /// Injects bytes while a command waits for its answer, which is held; one that ends at its deadline gets a longer one where a
    /// busy machine was too late with them.
    private func command(answered bytes: [UInt8]) async throws -> Outcome {
        for timeout in [500, 2_000, 8_000] {
            let outcome = try await self.command(answered: bytes, within: .milliseconds(timeout))
            if let outcome { return outcome }
        }
        return try #require(try await self.command(answered: bytes, within: .seconds(30)))
    }

    /// What came of it; `nil` where the command was over before the bytes came.
    private func command(answered bytes: [UInt8], within timeout: Duration) async throws -> Outcome? {
        var outcome: Outcome?
        try await withFaultyRedis { network, configuration in
            let connection = try await RedisConnection.connect(configuration)
            await network.hold(.replies)
            let isOver = Atomic(false)
            async let error = redisError {
                defer { isOver.store(true, ordering: .sequentiallyConsistent) }
                _ = try await connection.send(RedisCommand("ECHO", "right"), timeout: timeout)
            }
            try await until {
                let waiting = await network.waitingBytes(.replies)
                return waiting > 0 || isOver.load(ordering: .sequentiallyConsistent)
            }
            // read before: what is injected may end the command at once
            let wasInTime = !isOver.load(ordering: .sequentiallyConsistent)
            await network.inject(bytes)
            let seen = (error: await error, isOpen: await connection.isOpen)
            if wasInTime { outcome = seen }
        }
        return outcome
    }

    @Test(
        "Garbage is a violation of the protocol, and the connection is given up",
        arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "@\r\n", "$x\r\n", "*-7\r\n", ":twelve\r\n", "\0\0\0\0"]
    )
    func garbage(text: String) async throws {
        let outcome = try await self.command(answered: Array(text.utf8), within: .seconds(20))
        let (error, isOpen) = try #require(outcome)

        #expect(error?.code == .protocolViolation)
        #expect(!isOpen)
    }

    @Test(
        "An answer that is never finished ends at the deadline",
        arguments: ["$1000\r\nabc", "*3\r\n:1\r\n", "+O", "$536870911\r\nx", "*2147483647\r\n:1\r\n"]
    )
    func truncated(text: String) async throws {
        let (error, isOpen) = try await self.command(answered: Array(text.utf8))

        #expect([.timedOut, .protocolViolation].contains(error?.code))
        #expect(!isOpen)
    }

    @Test("Arrays nested without end are an error, not a crash")
    func nested() async throws {
        let text = String(repeating: "*1\r\n", count: 100_000)

        let (error, isOpen) = try await self.command(answered: Array(text.utf8))

        #expect([.timedOut, .protocolViolation].contains(error?.code))
        #expect(!isOpen)
    }

    @Test("An answer that nobody asked for ends the connection before it can be somebody's")
    func unasked() async throws {
        try await withFaultyRedis { network, configuration in
            let connection = try await RedisConnection.connect(configuration)

            await network.inject(Array("+forged\r\n".utf8))
            try await until { await !connection.isOpen }

            #expect(await redisError { try await connection.ping() }?.code == .protocolViolation)
        }
    }

    @Test("An error in mid-pipeline is that command's own, and all the others get theirs")
    func errorInPipeline() async throws {
        try await withFaultyRedis { _, configuration in
            let connection = try await RedisConnection.connect(configuration)
            let commands = (0..<1_000).map { $0 == 500 ? RedisCommand("NOSUCH") : RedisCommand("ECHO", "\($0)") }

            let answers = try await connection.pipeline(commands)

            for (number, answer) in answers.enumerated() where number != 500 {
                #expect(answer == .bulk(Array("\(number)".utf8)))
            }
            guard case .error = answers[500] else { return #expect(Bool(false), "no error in its place") }
        }
    }
}
