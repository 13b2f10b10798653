// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension PostgresConnection {
    /// Runs many statements in one round trip and returns what became of each, in their order.
    ///
    /// They are one transaction, unless one is open already or they say otherwise: where one fails, it has the server's error,
    /// those after it have the code `notRun`, and what those before it changed is undone. With `independently` each stands by
    /// itself. A `COPY` cannot be among them.
    ///
    /// ```swift
    /// let connection = try await PostgresConnection.connect(PostgresConfiguration("postgres://app@/erp"))
    /// let tables = ["erp_product", "erp_order"]
    /// let counts = try await connection.query(batch: tables.map { "SELECT count(*) FROM \(identifier: $0)" })
    /// for (table, count) in zip(tables, counts) { print(table, try count.get()[0].get(0, as: Int.self)) }
    /// await connection.close()
    /// ```
    ///
    /// - Parameters:
    ///   - batch: the statements; all their rows are kept in memory.
    ///   - independently: whether an error stops none of the others.
    ///   - timeout: how long all of them together may take; the configuration's `statementTimeout` where `nil`.
    /// - Throws: ``PostgresError`` where the connection is lost or the time is over; `CancellationError` where the task is
    ///   cancelled: what was not sent yet is not run then.
    public nonisolated(nonsending) func query(
        batch: [SQL],
        independently: Bool = false,
        timeout: Duration? = nil
    ) async throws -> [Result<Rows, PostgresError>] {
        guard !batch.isEmpty else { return [] }
        return try await self.answer(timeout: timeout) {
            try $0.sendPipeline(batch, independently: independently, in: $1)
        } outcome: { statement in
            let outcomes = statement.pipeline?.answers.outcomes ?? []
            // what failed or was not run because it was too late is no outcome
            if statement.end != nil { _ = try outcomes.map { try $0.get() } }
            return outcomes
        }
    }

    /// Begins a pipeline: what the socket takes is sent, the rest as it drains.
    func sendPipeline(_ batch: [SQL], independently: Bool, in statement: Statement) throws {
        for sql in batch { try sql.requireSendable() }
        let pipeline = Pipeline(batch, isIndependent: independently)
        guard let handle = self.handle, handle.enterPipeline() else { throw PostgresError(.closed) }
        statement.pipeline = pipeline
        guard pipeline.send(to: handle, &self.prepared, isStopped: false) else {
            let error = PostgresError(.connectionLost, libpqMessage: handle.errorMessage)
            self.abandon(error)
            throw error
        }
    }
}
