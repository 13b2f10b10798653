// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO

extension PostgresConnection {
    /// Runs one statement and returns its rows, all of them in memory.
    ///
    /// A caller that runs on the connection's loop already, as a task that prefers it does, gets there without a change of
    /// executor.
    ///
    /// - Parameter timeout: how long it may take; the configuration's `statementTimeout` where `nil`.
    /// - Throws: ``PostgresError``; `CancellationError` where the task is cancelled.
    public nonisolated(nonsending) func query(_ sql: SQL, timeout: Duration? = nil) async throws -> Rows {
        do {
            return try await self.rows(timeout: timeout) { try $0.send(sql, in: $1) }
        } catch let error as PostgresError where error.isStalePlan {
            // parsed for tables that have changed since, or lost with DISCARD ALL: parsed anew, where nothing is undone by it
            guard await self.forgetsPlan(of: sql) else { throw error }
            return try await self.rows(timeout: timeout) { try $0.send(sql, in: $1) }
        }
    }

    /// Runs several statements, separated by semicolons and without values, as one simple query.
    ///
    /// The server runs them in one transaction unless they say otherwise, and stops at the first error.
    public nonisolated(nonsending) func run(script: String, timeout: Duration? = nil) async throws {
        _ = try await self.query(script: script, timeout: timeout)
    }

    /// The same, with the rows of the last statement: for PgBouncer's console, which takes nothing but simple queries.
    public nonisolated(nonsending) func query(script: String, timeout: Duration? = nil) async throws -> Rows {
        try await self.rows(timeout: timeout) { connection, _ in
            try SQL(unsafe: script).requireSendable()
            try connection.sent { $0.send(script: script) }
        }
    }

    nonisolated(nonsending) func rows(
        timeout: Duration?,
        send: @Sendable (isolated PostgresConnection, Statement) throws -> Void
    ) async throws -> Rows {
        try await self.answer(timeout: timeout, send: send) { statement in
            if let pipeline = statement.pipeline { return try pipeline.answers.outcomes[0].get() }
            if let failure = statement.failure { throw failure }
            return Rows(statement.last)
        }
    }

    /// Sends something, waits for the whole answer to it, and leaves the connection clean or closed.
    ///
    /// - Parameter outcome: what the answer amounts to.
    nonisolated(nonsending) func answer<Value: Sendable>(
        timeout: Duration?,
        send: @Sendable (isolated PostgresConnection, Statement) throws -> Void,
        outcome: @Sendable (Statement) throws -> Value
    ) async throws -> Value {
        guard self.loop.isCurrent else {
            return try await self.answerFromElsewhere(timeout: timeout, send: send, outcome: outcome)
        }
        return try await self.answerOnLoop(timeout: timeout, send: send, outcome: outcome)
    }

    /// Changes to the loop first.
    private func answerFromElsewhere<Value: Sendable>(
        timeout: Duration?,
        send: @Sendable (isolated PostgresConnection, Statement) throws -> Void,
        outcome: @Sendable (Statement) throws -> Value
    ) async throws -> Value {
        try await self.answerOnLoop(timeout: timeout, send: send, outcome: outcome)
    }

    private func answerOnLoop<Value: Sendable>(
        timeout: Duration?,
        isolation: isolated (any Actor)? = #isolation,
        send: @Sendable (isolated PostgresConnection, Statement) throws -> Void,
        outcome: @Sendable (Statement) throws -> Value
    ) async throws -> Value {
        // Whoever was thrown an error may still be on the loop's thread without belonging there, and has just left it.
        guard self.loop.isCurrent else {
            return try await self.answerFromElsewhere(timeout: timeout, send: send, outcome: outcome)
        }
        let statement = try self.beginOnLoop(timeout: timeout, send: send)
        return try await withTaskCancellationHandler {
            _ = isolation
            let isFree: Bool
            do {
                isFree = try await withUnsafeThrowingContinuation { continuation in
                    self.waitOnLoop(for: statement, continuation)
                }
            } catch {
                throw await self.end(statement, failure: error)
            }
            // free means that the next statement may be under way already: nothing of the connection is touched any more
            return isFree ? try outcome(statement) : try await self.settled(statement, outcome)
        } onCancel: {
            self.cancel(statement)
        }
    }

    /// Ends a statement that was to be cancelled: what it answered all the same counts.
    private func settled<Value: Sendable>(
        _ statement: Statement,
        _ outcome: @Sendable (Statement) throws -> Value
    ) async throws -> Value {
        let result = Result { try outcome(statement) }
        switch result {
        case .success(let value):
            _ = await self.end(statement)
            return value
        case .failure(let error):
            throw await self.end(statement, failure: error)
        }
    }

    // Who runs on the loop's thread already is as good as isolated; the check stands in `checkIsolated()`.

    private nonisolated func beginOnLoop(
        timeout: Duration?,
        send: @Sendable (isolated PostgresConnection, Statement) throws -> Void
    ) throws -> Statement {
        try self.assumeIsolated { try $0.begin(timeout: timeout, send: send) }
    }

    private nonisolated func waitOnLoop(for statement: Statement, _ continuation: UnsafeContinuation<Bool, any Error>) {
        self.assumeIsolated { $0.waitForAnswer(to: statement, continuation) }
    }

    private func begin(
        timeout: Duration?,
        send: @Sendable (isolated PostgresConnection, Statement) throws -> Void
    ) throws -> Statement {
        let statement = try self.begin(timeout: timeout)
        do {
            try send(self, statement)
            return statement
        } catch {
            self.giveBack(statement)
            throw error
        }
    }

    /// Hands something to libpq.
    func sent(_ send: (PostgresHandle) -> Bool) throws {
        guard let handle = self.handle else { throw PostgresError(.closed) }
        guard send(handle) else { throw PostgresError(.connectionLost, libpqMessage: handle.errorMessage) }
    }

    /// Sends a statement by the name it is kept under, or has it parsed and kept.
    private func send(_ sql: SQL, in statement: Statement) throws {
        try sql.requireSendable()
        guard self.prepared.isUsed else { return try self.sent { $0.send(sql) } }
        if let name = self.prepared.name(of: sql.planKey) { return try self.sent { $0.send(sql, name: name) } }
        try self.sendPipeline([sql], independently: false, in: statement)
    }

    /// Forgets a plan that the server refused; false where trying again cannot help, because a transaction has failed with it.
    private func forgetsPlan(of sql: SQL) -> Bool {
        self.prepared.forget(text: sql.planKey) && !self.isInTransaction
    }
}

extension PostgresError {
    /// Whether a kept plan is good no longer: `cached plan must not change result type`, or it is gone.
    var isStalePlan: Bool { ["0A000", "26000"].contains(self.sqlState) }
}
