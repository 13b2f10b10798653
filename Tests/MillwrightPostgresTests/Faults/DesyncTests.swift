// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres
import MillwrightTesting
import Synchronization
import Testing

@Suite("A PostgreSQL that speaks out of turn", .timeLimit(.minutes(1)))
struct DesyncTests {
    /// A message of the protocol: its letter, its length, its body.
    private func message(_ letter: Character, _ body: [UInt8] = [], length: UInt32? = nil) -> [UInt8] {
        let length = length ?? UInt32(body.count + 4)
        return [letter.asciiValue ?? 0] + withUnsafeBytes(of: length.bigEndian) { Array($0) } + body
    }

    private typealias Outcome = (error: PostgresError?, isUsable: Bool)

    /// Injects bytes while a statement waits for its answer, which is held; one that ends at its deadline gets a longer one where a
    /// busy machine was too late with them.
    private func statement(answered bytes: [UInt8]) async throws -> Outcome {
        for timeout in [500, 2_000, 8_000] {
            let outcome = try await self.statement(answered: bytes, within: .milliseconds(timeout))
            if let outcome { return outcome }
        }
        return try #require(try await self.statement(answered: bytes, within: .seconds(30)))
    }

    /// What came of it; `nil` where the statement was over before the bytes came.
    private func statement(answered bytes: [UInt8], within timeout: Duration) async throws -> Outcome? {
        var outcome: Outcome?
        try await withFaultyPostgres { network, configuration in
            var configuration = configuration
            configuration.cancelGrace = .milliseconds(200)
            let connection = try await PostgresConnection.connect(configuration)
            await network.hold(.replies)
            let isOver = Atomic(false)
            async let error = expectWithin(timeout + .seconds(5)) {
                defer { isOver.store(true, ordering: .sequentiallyConsistent) }
                return await postgresError { _ = try await connection.query("SELECT 'right'", timeout: timeout) }
            }
            try await until {
                let waiting = await network.waitingBytes(.replies)
                return waiting > 0 || isOver.load(ordering: .sequentiallyConsistent)
            }
            await network.inject(bytes)
            let wasInTime = !isOver.load(ordering: .sequentiallyConsistent)
            let seen = (error: await error, isUsable: await connection.isUsable)
            if wasInTime { outcome = seen }
        }
        return outcome
    }

    @Test(
        "Garbage is an error, and the connection is given up",
        arguments: [[UInt8](repeating: 0xFF, count: 64), Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)]
    )
    func garbage(bytes: [UInt8]) async throws {
        let (error, isUsable) = try await self.statement(answered: bytes)

        #expect([.connectionLost, .queryFailed, .timedOut].contains(error?.code))
        #expect(!isUsable)
    }

    @Test("Rows that nothing announced are an error, and the connection is given up")
    func rowWithoutDescription() async throws {
        let (error, isUsable) = try await self.statement(answered: self.message("D", [0, 1, 0, 0, 0, 1, 0x61]))

        #expect([.connectionLost, .queryFailed, .timedOut].contains(error?.code))
        #expect(!isUsable)
    }

    @Test("A message that is never finished ends at the deadline", arguments: [100, 0x7FFF_FFFF] as [UInt32])
    func truncated(length: UInt32) async throws {
        let (error, isUsable) = try await self.statement(answered: self.message("E", [0x53], length: length))

        #expect([.connectionLost, .queryFailed, .timedOut].contains(error?.code))
        #expect(!isUsable)
    }

    @Test(
        "An answer before the answer is an error, and the connection is given up",
        arguments: [false, true]
    )
    func early(inPipeline: Bool) async throws {
        try await withFaultyPostgres { network, configuration in
            let connection = try await PostgresConnection.connect(configuration)
            await network.hold(.replies)
            async let error = postgresError {
                if inPipeline {
                    _ = try await connection.query(batch: ["SELECT 'right'", "SELECT 'right'"], timeout: .seconds(30))
                } else {
                    _ = try await connection.query("SELECT 'right'", timeout: .seconds(30))
                }
            }
            try await until { await network.waitingBytes(.replies) > 0 }
            await network.inject(self.message("Z", [0x49]))
            try await network.resume()

            #expect(await error?.code == .connectionLost)
            #expect(await !connection.isUsable)
        }
    }

    @Test("A server that begins to replicate is refused, and holds up nobody")
    func copyBoth() async throws {
        try await withFaultyPostgres { network, configuration in
            for call in [self.query, self.script, self.stream, self.batch] {
                let connection = try await PostgresConnection.connect(configuration)
                await network.hold(.replies)
                async let error = postgresError { try await call(connection) }
                try await until { await network.waitingBytes(.replies) > 0 }
                await network.inject(self.message("W", [0, 0, 0]))
                let code = await error?.code
                await network.cut()
                try await network.resume()

                #expect(code == .usage)
                #expect(await !connection.isUsable)
            }
        }
    }

    private func query(_ connection: PostgresConnection) async throws {
        _ = try await connection.query("SELECT 1", timeout: .seconds(30))
    }
    private func script(_ connection: PostgresConnection) async throws {
        try await connection.run(script: "SELECT 1", timeout: .seconds(30))
    }
    private func stream(_ connection: PostgresConnection) async throws {
        try await connection.stream("SELECT 1", timeout: .seconds(30)) { _ in }
    }
    private func batch(_ connection: PostgresConnection) async throws {
        _ = try await connection.query(batch: ["SELECT 1"], timeout: .seconds(30))
    }

    @Test("A command's tag that nobody understands counts what it can, also when the connection is gone")
    func strangeTag() async throws {
        try await withFaultyPostgres { network, configuration in
            let connection = try await PostgresConnection.connect(configuration)
            await network.hold(.replies)
            async let rows = connection.query("SELECT 1", timeout: .seconds(30))
            try await until { await network.waitingBytes(.replies) > 0 }
            await network.inject(self.message("C", Array("INSERT 7\0".utf8)) + self.message("Z", [0x49]))
            let answer = try await rows
            await connection.close()

            #expect(answer.affectedRows == 7)
        }
    }

    @Test("A listener is told where what came was no message at all")
    func listener() async throws {
        try await withFaultyPostgres { network, configuration in
            let notifications = try await PostgresNotifications.listen(configuration, to: ["nothing"])

            await network.inject([0x41, 0, 0, 0, 0])  // a notification that ends before it begins

            await #expect(throws: PostgresError.self) { for try await _ in notifications {} }
        }
    }

    @Test("An answer that nobody asked for ends the connection before it can be somebody's")
    func unasked() async throws {
        try await withFaultyPostgres { network, configuration in
            let connection = try await PostgresConnection.connect(configuration)

            await network.inject(self.message("C", Array("SELECT 1\0".utf8)) + self.message("Z", [0x49]))
            try await until { await !connection.isUsable }

            #expect(await postgresError { _ = try await connection.query("SELECT 'mine'") }?.code == .connectionLost)
        }
    }

    @Test("A notice or a setting that nobody asked for disturbs nobody")
    func notice() async throws {
        try await withFaultyPostgres { network, configuration in
            let connection = try await PostgresConnection.connect(configuration)
            let notice = Array("SNOTICE\0C00000\0Mhello\0\0".utf8)

            await network.inject(self.message("N", notice) + self.message("S", Array("TimeZone\0UTC\0".utf8)))
            try await until { await !connection.takeNotices().isEmpty }

            #expect(try await connection.query("SELECT 'mine'", as: String.self) == ["mine"])
            await connection.close()
        }
    }

    @Test(
        "A server that is none is refused",
        arguments: [
            Array("-ERR unknown command\r\n".utf8), Array("HTTP/1.1 400 Bad Request\r\n".utf8),
            [UInt8](repeating: 0, count: 100),
        ]
    )
    func notPostgres(bytes: [UInt8]) async throws {
        try await withFaultyPostgres { network, configuration in
            var configuration = configuration
            // It ends with the connection, not at this deadline, which may not come before the bytes do.
            configuration.connectTimeout = .seconds(40)
            let patient = configuration
            await network.hang()
            async let error = expectWithin(.seconds(30)) {
                await postgresError { _ = try await PostgresConnection.connect(patient) }
            }
            try await until { await network.waitingBytes(.requests) > 0 }

            await network.inject(bytes)
            await network.cut(.end)

            #expect(await error?.code == .connectionFailed)
        }
    }
}
