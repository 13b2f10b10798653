// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension PostgresConnection {
    /// Runs `body` in a transaction: committed when it returns, rolled back when it throws or is cancelled.
    ///
    /// - Parameter readOnly: whether the server refuses every write in it.
    /// - Throws: what `body` threw; ``PostgresError`` where the transaction could not begin or commit.
    @discardableResult
    public func withTransaction<Value: Sendable>(
        readOnly: Bool = false,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await self.execute(readOnly ? "BEGIN READ ONLY" : "BEGIN")
        do {
            let value = try await body(self)
            try await self.execute("COMMIT")
            return value
        } catch {
            await self.rollBack()
            throw error
        }
    }

    /// Rolls back although the task may be cancelled; a connection that cannot is closed.
    private nonisolated func rollBack() async {
        await Task(executorPreference: self.loop) {
            guard await self.isInTransaction else { return }
            do {
                try await self.execute("ROLLBACK", timeout: self.configuration.cancelGrace)
            } catch {
                await self.abandon(error)
            }
        }.value
    }
}
