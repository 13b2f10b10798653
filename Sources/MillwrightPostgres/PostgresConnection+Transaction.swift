// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension PostgresConnection {
    /// Runs `body` in a transaction: committed when it returns, rolled back when it throws or is cancelled.
    ///
    /// A transaction in which a statement failed is never committed, even where `body` caught the error.
    /// Behind a pooler, where a session cannot have guards of its own, those of the configuration hold in the transaction.
    ///
    /// - Throws: what `body` threw; ``PostgresError`` where the transaction could not begin or commit.
    @discardableResult
    public func withTransaction<Value: Sendable>(
        _ options: PostgresTransactionOptions = PostgresTransactionOptions(),
        isolation: isolated (any Actor)? = #isolation,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await self.begin(options)
        do {
            let value = try await body(self)
            try await self.commit()
            return value
        } catch {
            await self.rollBack()
            throw error
        }
    }

    /// The server answers the COMMIT of a failed transaction with a rollback and no error.
    private func commit() async throws {
        guard !self.isInFailedTransaction else {
            throw PostgresError(
                .queryFailed,
                sqlState: "25P02",
                serverMessage: "a statement of the transaction had failed, so nothing was committed"
            )
        }
        try await self.execute("COMMIT")
    }

    /// Begins it in one round trip; a guard that the server refuses leaves nothing begun.
    private func begin(_ options: PostgresTransactionOptions) async throws {
        let guards = self.isBehindPooler ? self.configuration.guards : PostgresGuards()
        do {
            try await self.run(script: options.beginning(sessionGuards: guards))
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
