// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO
import Testing

@testable import MillwrightRedis

@Suite("Cancelling a command", .timeLimit(.minutes(2)))
struct CancellationTests {
    @Test("at any point never gives a caller the answer of another, and leaves the connection good")
    func random() async throws {
        let connection = try await RedisConnection.connect(SharedRedis.database())
        for number in 0..<50 { try await connection.set("key \(number)", "value \(number)") }

        var outcomes: [Outcome: Int] = [:]
        await withTaskGroup(of: Outcome.self) { group in
            for number in 0..<1_000 {
                group.addTask { await Self.reader(number % 50, on: connection, patience: number % 97) }
            }
            for await outcome in group { outcomes[outcome, default: 0] += 1 }
        }
        // Whatever the moments that a busy machine leaves: one that is never cancelled, and one that is before it begins.
        let calm = await Self.reader(1, on: connection, patience: nil)
        let late = await Self.reader(1, on: connection, patience: 0, waits: true)

        #expect(outcomes[.wrong] == nil)
        #expect(outcomes[.failed] == nil)
        #expect(outcomes.values.reduce(0, +) == 1_000)
        #expect(calm == .right)
        #expect(late == .cancelled)
        for number in 0..<50 {
            #expect(try await connection.get("key \(number)", as: String.self) == "value \(number)")
        }
        #expect(await connection.isOpen)
        #expect(await connection.commandsInFlight == 0)
        await connection.close()
    }

    private enum Outcome: Sendable, Hashable { case right, wrong, cancelled, failed }

    /// Reads its key in a task that is cancelled after some turns of the executor, never where there is no number of them.
    ///
    /// - Parameter waits: whether the task begins to read when it was cancelled.
    private static func reader(
        _ number: Int,
        on connection: RedisConnection,
        patience: Int?,
        waits: Bool = false
    ) async -> Outcome {
        let task = Task {
            while waits, !Task.isCancelled { await Task.yield() }
            return try await connection.get("key \(number)", as: String.self)
        }
        if let patience {
            for _ in 0..<patience { await Task.yield() }
            task.cancel()
        }
        do {
            return try await task.value == "value \(number)" ? .right : .wrong
        } catch is CancellationError {
            return .cancelled
        } catch {
            return .failed
        }
    }

    @Test("comes back at once while the server is frozen")
    func atOnce() async throws {
        let server = try await PrivateRedis()
        let connection = try await RedisConnection.connect(server.configuration)
        try await server.freeze()
        let task = Task { try await connection.send(RedisCommand("ECHO", "mine"), timeout: .seconds(30)) }
        try await until { await connection.commandsInFlight == 1 }

        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await server.thaw()

        #expect(try await connection.send(RedisCommand("ECHO", "next")) == .bulk(Array("next".utf8)))
        await connection.close()
    }

    @Test("while connecting leaves nothing behind")
    func connecting() async throws {
        let server = try await PrivateRedis()
        try await server.freeze()
        let task = Task { try await RedisConnection.connect(server.configuration) }
        for _ in 0..<50 { await Task.yield() }

        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
        try await server.thaw()

        let watcher = try await RedisConnection.connect(server.configuration)
        try await until { try await watcher.clientList().count == 1 }
        await watcher.close()
    }
}
