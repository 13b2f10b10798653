// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO

/// The most rows that are handed over with a change of executor, which costs more than memory that is far.
private let rowsAtOnce = 128
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
                while let batch = try await self.nextRows(of: statement) {
                    for result in batch { try row(Row(result: result, index: 0)) }
                    count += batch.count
                    guard self.loop.isCurrent else { continue }
                    count += try self.readyRowsOnLoop(of: statement, atMost: turnEnd - count, each: row)
                    if count >= turnEnd {
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
        try sql.requireSendable()
        try self.sent { $0.send(sql) }
        self.handle?.setSingleRowMode()
    }

    /// Hands over the rows that can be had without waiting, to a reader on the loop; returns how many there were.
    ///
    /// One after the other in the same memory, where the reader keeps none, so that the processor has it near.
    private nonisolated func readyRowsOnLoop(
        of statement: Statement,
        atMost limit: Int,
        each row: (Row) throws -> Void
    ) throws -> Int {
        // unsafe: it is called in here only, on the thread of its caller
        nonisolated(unsafe) let row = row
        return try self.assumeIsolated { connection in
            var count = 0
            var place: PostgresResult?
            while count < limit, try connection.readyRow(of: statement, into: &place) == .row, let result = place {
                try row(Row(result: result, index: 0))
                count += 1
            }
            return count
        }
    }

    /// The next rows, at least one; `nil` after the last.
    ///
    /// A reader on the loop is given one, and takes the others as they are ready.
    private nonisolated(nonsending) func nextRows(of statement: Statement) async throws -> [PostgresResult]? {
        try await self.nextRows(of: statement, atMost: self.loop.isCurrent ? 1 : rowsAtOnce)
    }

    private func nextRows(of statement: Statement, atMost limit: Int) async throws -> [PostgresResult]? {
        while true {
            let ready = try self.readyRows(of: statement, atMost: limit)
            guard let ready, ready.isEmpty else { return ready }
            try await self.resultReady()
        }
    }

    /// The rows that can be had without waiting, none where there are none yet; `nil` after the last.
    ///
    /// An error is thrown after the rows before it were handed over.
    private func readyRows(of statement: Statement, atMost limit: Int) throws -> [PostgresResult]? {
        var batch: [PostgresResult] = []
        do {
            while batch.count < limit {
                var place: PostgresResult?
                switch try self.readyRow(of: statement, into: &place, reading: batch.isEmpty) {
                case .row: place.map { batch.append($0) }
                case .nothingYet: return batch
                case .end: return batch.isEmpty ? nil : batch
                }
            }
        } catch  where !batch.isEmpty {
            statement.failure = error
        }
        return batch
    }

    /// The next row.
    ///
    /// - Parameters:
    ///   - place: where it is put; a row before may stand there.
    ///   - reading: whether what the server has sent meanwhile is looked for, so that it need not be waited for.
    private func readyRow(
        of statement: Statement,
        into place: inout PostgresResult?,
        reading: Bool = true
    ) throws -> Ready {
        if let failure = statement.failure { throw failure }
        guard let handle = self.handle else { return .nothingYet }  // closed: who waits is told why
        while true {
            if handle.isBusy {
                guard reading, handle.consumeInput(), !handle.isBusy else { return .nothingYet }
            }
            let status = handle.nextResult(into: &place)
            try self.checkEncoding(handle)
            switch status {
            case .singleRow: return .row
            case nil: return .end
            case .failed: throw place?.error ?? PostgresError(.connectionLost)
            case .copyIn, .copyOut:
                statement.isUnwantedCopyIn = status == .copyIn
                throw PostgresError.copy
            case .copyBoth: throw PostgresError.replication
            default: break  // the empty result that ends the rows
            }
        }
    }
}

/// What a stream has for its reader.
private enum Ready {
    case row
    case nothingYet
    case end
}
