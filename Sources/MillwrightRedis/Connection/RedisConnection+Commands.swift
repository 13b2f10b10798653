// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO
import Synchronization

// A command costs its caller one wait and no change of executor: who runs on the loop writes into the connection's buffer
// directly, who does not leaves a letter that the loop collects.

extension RedisConnection {
    /// Sends a command and returns its answer.
    public nonisolated(nonsending) func send(_ command: RedisCommand, timeout: Duration?) async throws -> RedisValue {
        if command.need == .unsupported { throw RedisError.unsupported(command) }
        let value = try await self.answer(to: .command(command), timeout: timeout)
        if case .error(let error) = value { throw error }
        return value
    }

    /// Sends commands together and returns their answers in order.
    public nonisolated(nonsending) func pipeline(
        _ commands: [RedisCommand],
        timeout: Duration?
    ) async throws -> [RedisValue] {
        for command in commands where command.need == .unsupported { throw RedisError.unsupported(command) }
        return try await self.answers(to: commands, timeout: timeout)
    }

    /// Sends commands together, also those of which a caller must know that each is answered once.
    nonisolated(nonsending) func answers(to commands: [RedisCommand], timeout: Duration?) async throws -> [RedisValue] {
        if commands.isEmpty { return [] }
        let value = try await self.answer(to: .pipeline(commands), timeout: timeout)
        return commands.count == 1 ? [value] : value.elements ?? []
    }

    private nonisolated(nonsending) func answer(to content: Order.Content, timeout: Duration?) async throws
        -> RedisValue
    {
        let order = Order(
            content: content,
            deadline: .after(nanoseconds: timeout?.wholeNanoseconds ?? self.patienceNanoseconds),
            ticket: self.tickets.add(1, ordering: .relaxed).newValue
        )
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { waiter in self.begin(order, for: waiter) }
        } onCancel: {
            self.cancel(order.ticket)
        }
    }

    private nonisolated func begin(_ order: Order, for waiter: Waiter) {
        if Task.isCancelled { return waiter.resume(throwing: CancellationError()) }
        if self.loop.isCurrent { return self.assumeIsolated { $0.submit(order, for: waiter) } }
        self.post(.order(order, waiter))
        // A cancellation that came before the letter found nobody to tell.
        if Task.isCancelled { self.cancel(order.ticket) }
    }

    private nonisolated func cancel(_ ticket: UInt64) {
        guard self.loop.isCurrent else { return self.post(.cancellation(ticket: ticket)) }
        self.assumeIsolated { connection in
            connection.collectMail()
            connection.abandon(ticket: ticket)
        }
    }

    // MARK: Letters

    private nonisolated func post(_ letter: Letter) {
        let isFirst = self.mail.withLock { letters in
            letters.append(letter)
            return letters.count == 1
        }
        if isFirst { Task(executorPreference: self.loop) { await self.collectMail() } }
    }

    func collectMail() {
        let letters = self.mail.withLock { letters in
            defer { letters = [] }
            return letters
        }
        for letter in letters {
            switch letter {
            case .order(let order, let waiter): self.submit(order, for: waiter)
            case .cancellation(let ticket): self.abandon(ticket: ticket)
            }
        }
    }
}
