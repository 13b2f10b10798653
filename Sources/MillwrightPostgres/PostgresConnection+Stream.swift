// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension PostgresConnection {
    /// Runs a statement and hands over its rows one by one, as they come; memory stays flat however many there are.
    ///
    /// The server waits while `row` works. Where `row` throws, the statement is cancelled and its error thrown.
    ///
    /// - Returns: how many rows there were.
    @discardableResult
    public func stream(
        _ sql: SQL,
        timeout: Duration? = nil,
        isolation: isolated (any Actor)? = #isolation,
        each row: (Row) throws -> Void
    ) async throws -> Int {
        let statement = try await self.begin(timeout: timeout)
        return try await withTaskCancellationHandler {
            do {
                try await self.sendInSingleRowMode(sql)
                var count = 0
                while let batch = try await self.nextBatch(of: statement) {
                    for result in batch {
                        try row(Row(result: result, index: 0))
                        count += 1
                    }
                }
                _ = await self.end(statement)
                return count
            } catch {
                throw await self.end(statement, failure: error)
            }
        } onCancel: {
            self.cancel(statement)
        }
    }

    private func sendInSingleRowMode(_ sql: SQL) throws {
        try self.sent { $0.send(sql) }
        self.handle?.setSingleRowMode()
    }

    /// The rows that can be had without waiting, at most 256 and at least one; `nil` after the last.
    ///
    /// An error is thrown after the rows before it were handed over.
    private func nextBatch(of statement: Statement) async throws -> [PostgresResult]? {
        var batch: [PostgresResult] = []
        do {
            if let failure = statement.failure { throw failure }
            while let result = try await self.nextResult() {
                switch result.status {
                case .singleRow: batch.append(result)
                case .failed: throw result.error
                case .copyIn, .copyOut: throw PostgresError(.usage, serverMessage: "COPY needs copyIn or copyOut")
                default: break  // the empty result that ends the rows
                }
                if !batch.isEmpty, batch.count == 256 || self.handle?.isBusy ?? true { return batch }
            }
        } catch  where !batch.isEmpty {
            statement.failure = error
        }
        return batch.isEmpty ? nil : batch
    }
}
