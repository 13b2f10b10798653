// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension PostgresConnection {
    /// Runs one statement and returns its rows, all of them in memory.
    ///
    /// - Parameter timeout: how long it may take; the configuration's `statementTimeout` where `nil`.
    /// - Throws: ``PostgresError``; `CancellationError` where the task is cancelled.
    public func query(_ sql: SQL, timeout: Duration? = nil) async throws -> Rows {
        try await self.perform(timeout: timeout) { $0.send(sql) }
    }

    /// Runs several statements, separated by semicolons and without values, as one simple query.
    ///
    /// The server runs them in one transaction unless they say otherwise, and stops at the first error.
    public func run(script: String, timeout: Duration? = nil) async throws {
        _ = try await self.perform(timeout: timeout) { $0.send(script: script) }
    }

    /// The same, with the rows of the last statement: for PgBouncer's console, which takes nothing but simple queries.
    public func query(script: String, timeout: Duration? = nil) async throws -> Rows {
        try await self.perform(timeout: timeout) { $0.send(script: script) }
    }

    private func perform(timeout: Duration?, send: (PostgresHandle) -> Bool) async throws -> Rows {
        let statement = try self.begin(timeout: timeout)
        return try await withTaskCancellationHandler {
            do {
                try self.sent(send)
                let rows = try await self.collect()
                _ = await self.end(statement)
                return rows
            } catch {
                throw await self.end(statement, failure: error)
            }
        } onCancel: {
            self.cancel(statement)
        }
    }

    /// Hands a statement to libpq.
    func sent(_ send: (PostgresHandle) -> Bool) throws {
        guard let handle = self.handle else { throw PostgresError(.closed) }
        guard send(handle) else { throw PostgresError(.connectionLost, libpqMessage: handle.errorMessage) }
    }

    /// Reads every result; the last one's rows, or the first error.
    private func collect() async throws -> Rows {
        var last: PostgresResult?
        var failure: PostgresError?
        do {
            while let result = try await self.nextResult() {
                switch result.status {
                case .failed: failure = failure ?? result.error
                case .copyIn, .copyOut: throw PostgresError(.usage, serverMessage: "COPY needs copyIn or copyOut")
                default: last = result
                }
            }
        } catch {
            throw failure ?? error  // a session that was ended says why before its connection breaks
        }
        if let failure { throw failure }
        return Rows(last)
    }
}
