// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO

/// The most rows that a reader on the loop takes at once: so few that libpq reuses memory that the processor still has near.
private let rowsAtOnceOnLoop = 16
/// The most rows that are handed over with a change of executor, which costs more than memory that is far.
private let rowsAtOnceElsewhere = 128
/// The most rows that a reader on the loop takes before others have their turn.
private let rowsPerTurn = 1_024

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
            _ = isolation
            do {
                try await self.sendInSingleRowMode(sql)
                var count = 0
                var turnEnd = rowsPerTurn
                while let batch = try await self.rows(of: statement) {
                    for result in batch { try row(Row(result: result, index: 0)) }
                    count += batch.count
                    if count >= turnEnd, self.loop.isCurrent {
                        turnEnd = count + rowsPerTurn
                        await Task.yield()
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

    /// Runs a statement and hands over its rows one by one, each decoded into a value.
    ///
    /// ```swift
    /// struct Product: RowDecodable {
    ///     var id: Int
    ///     var name: String
    ///
    ///     init(from cursor: inout RowCursor) throws {
    ///         self.id = try cursor.next()
    ///         self.name = try cursor.next()
    ///     }
    /// }
    /// let connection = try await PostgresConnection.connect(PostgresConfiguration("postgres://app@/erp"))
    /// try await connection.stream("SELECT id, name FROM erp_product", as: Product.self) { print($0.name) }
    /// await connection.close()
    /// ```
    ///
    /// - Parameter results: how the server shall write the values; `binary` is quicker where every type can be read so.
    /// - Returns: how many rows there were.
    @discardableResult
    @inlinable
    public func stream<Value: RowDecodable>(
        _ sql: SQL,
        as type: Value.Type,
        results: PostgresFormat = .text,
        timeout: Duration? = nil,
        isolation: isolated (any Actor)? = #isolation,
        each value: (Value) throws -> Void
    ) async throws -> Int {
        var sql = sql
        sql.results = results
        return try await self.stream(sql, timeout: timeout) { row in
            var cursor = RowCursor(row)
            try value(Value(from: &cursor))
        }
    }

    private func sendInSingleRowMode(_ sql: SQL) throws {
        try sql.requireNoZeroByte()
        try self.sent { $0.send(sql) }
        self.handle?.setSingleRowMode()
    }

    /// The next rows, at least one; `nil` after the last.
    ///
    /// A reader on the loop has what is there without a change of executor.
    private nonisolated(nonsending) func rows(of statement: Statement) async throws -> [PostgresResult]? {
        if self.loop.isCurrent {
            let ready = try self.readyRowsOnLoop(of: statement)
            guard let ready, ready.isEmpty else { return ready }
        }
        return try await self.nextRows(of: statement)
    }

    private nonisolated func readyRowsOnLoop(of statement: Statement) throws -> [PostgresResult]? {
        try self.assumeIsolated { try $0.readyRows(of: statement, atMost: rowsAtOnceOnLoop) }
    }

    private func nextRows(of statement: Statement) async throws -> [PostgresResult]? {
        while true {
            let ready = try self.readyRows(of: statement, atMost: rowsAtOnceElsewhere)
            guard let ready, ready.isEmpty else { return ready }
            try await self.resultReady()
        }
    }

    /// The rows that can be had without waiting, none where there are none yet; `nil` after the last.
    ///
    /// An error is thrown after the rows before it were handed over.
    private func readyRows(of statement: Statement, atMost limit: Int) throws -> [PostgresResult]? {
        if let failure = statement.failure { throw failure }
        let rows = try self.takeRows(of: statement, atMost: limit)
        if let handle = self.handle { try self.checkEncoding(handle) }
        return rows
    }

    private func takeRows(of statement: Statement, atMost limit: Int) throws -> [PostgresResult]? {
        var batch: [PostgresResult] = []
        do {
            while batch.count < limit, let handle = self.handle {
                if handle.isBusy {
                    // what the server has sent meanwhile need not be waited for
                    guard batch.isEmpty, handle.consumeInput(), !handle.isBusy else { return batch }
                }
                guard let result = handle.nextResult() else { return batch.isEmpty ? nil : batch }
                switch result.status {
                case .singleRow: batch.append(result)
                case .failed: throw result.error
                case .copyIn, .copyOut:
                    statement.isUnwantedCopyIn = result.status == .copyIn
                    throw PostgresError(.usage, serverMessage: "COPY needs copyIn or copyOut")
                default: break  // the empty result that ends the rows
                }
            }
        } catch  where !batch.isEmpty {
            statement.failure = error
        }
        return batch
    }
}
