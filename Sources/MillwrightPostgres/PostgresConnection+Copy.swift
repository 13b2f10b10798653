// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension PostgresConnection {
    /// Runs `COPY … FROM STDIN` with the bytes that `next` gives until it returns `nil`.
    ///
    /// Chunks may be cut anywhere; 64 kB is a good size. Where `next` throws, the server throws all rows away.
    ///
    /// - Returns: how many rows were copied.
    @discardableResult
    public func copyIn(
        _ sql: SQL,
        timeout: Duration? = nil,
        isolation: isolated (any Actor)? = #isolation,
        next: () async throws -> [UInt8]?
    ) async throws -> Int {
        let statement = try await self.begin(timeout: timeout)
        return try await withTaskCancellationHandler {
            do {
                try await self.beginCopy(sql, expecting: .copyIn)
                while let chunk = try await next() { try await self.put(chunk) }
                try await self.endCopyIn(error: nil)
                let rows = try await self.copyEnded()
                _ = await self.end(statement)
                return rows
            } catch {
                throw await self.end(statement, failure: error)
            }
        } onCancel: {
            self.cancel(statement)
        }
    }

    /// Runs `COPY … TO STDOUT` and hands over its bytes, whole rows at a time, about 64 kB each.
    ///
    /// The server sends no more than the network holds while `chunk` waits.
    ///
    /// - Returns: how many rows were copied.
    @discardableResult
    public func copyOut(
        _ sql: SQL,
        timeout: Duration? = nil,
        isolation: isolated (any Actor)? = #isolation,
        each chunk: ([UInt8]) async throws -> Void
    ) async throws -> Int {
        let statement = try await self.begin(timeout: timeout)
        return try await withTaskCancellationHandler {
            do {
                try await self.beginCopy(sql, expecting: .copyOut)
                while let bytes = try await self.nextCopyChunk(of: statement) { try await chunk(bytes) }
                let rows = try await self.copyEnded()
                _ = await self.end(statement)
                return rows
            } catch {
                throw await self.end(statement, failure: error)
            }
        } onCancel: {
            self.cancel(statement)
        }
    }

    /// Begins a COPY, which can have no values, as a simple query.
    ///
    /// As an extended one it would be followed by a Sync that the server skips while it copies, and libpq would send a second
    /// one after the rows. What ends the COPY before the server has come to the first, as a cancel request in a trigger that
    /// runs before the statement, would have it answer both: the next statement would get the end of this one for its own.
    private func beginCopy(_ sql: SQL, expecting status: PostgresResult.Status) async throws {
        guard sql.binds.isEmpty else {
            throw PostgresError(.usage, serverMessage: "PostgreSQL takes no values in a COPY: write literals")
        }
        try sql.requireSendable()
        try self.sent { $0.send(script: sql.text) }
        guard let result = try await self.nextResult() else { throw PostgresError(.closed) }
        if result.status == .failed { throw result.error }
        guard result.status == status else {
            throw PostgresError(.usage, serverMessage: "the statement is not a COPY in that direction")
        }
    }

    private func put(_ chunk: [UInt8]) async throws {
        while let handle = self.handle {
            switch handle.put(chunk) {
            // back-pressure: what is taken goes out before more is asked for
            case .taken: return try await self.flushed()
            case .full: try await self.flushed()
            case .failed: throw PostgresError(.connectionLost, libpqMessage: handle.errorMessage)
            }
        }
        throw PostgresError(.closed)
    }

    /// Says that no more bytes come; with `error` the server throws away those that did.
    func endCopyIn(error: String?) async throws {
        while let handle = self.handle, handle.putEnd(error: error) == .full { try await self.flushed() }
    }

    private func nextCopyChunk(of statement: Statement) async throws -> [UInt8]? {
        guard !statement.isCopyOver else { return nil }
        var chunk: [UInt8] = []
        chunk.reserveCapacity(65_536 + 4_096)
        statement.isCopyOver = try await !self.nextCopyBatch(into: &chunk, limit: 65_536)
        return chunk.isEmpty ? nil : chunk
    }

    /// Appends rows until there are `limit` bytes or none can be had without waiting; false at the end.
    func nextCopyBatch(into buffer: inout [UInt8], limit: Int) async throws -> Bool {
        var hasLooked = false
        while let handle = self.handle {
            switch handle.get(into: &buffer) {
            case .row where buffer.count >= limit: return true
            case .row: hasLooked = false
            // what the server has sent meanwhile need not be waited for
            case .wouldBlock where !hasLooked:
                _ = handle.consumeInput()
                hasLooked = true
            case .wouldBlock where !buffer.isEmpty: return true
            case .wouldBlock: try await self.moreInput()
            case .end: return false
            case .failed: throw PostgresError(.connectionLost, libpqMessage: handle.errorMessage)
            }
        }
        throw PostgresError(.closed)
    }

    /// The result after a COPY: its rows, or what made the server refuse them.
    private func copyEnded() async throws -> Int {
        var rows = 0
        var failure: PostgresError?
        while let result = try await self.nextResult() {
            switch result.status {
            case .failed: failure = failure ?? result.error
            case .copyIn, .copyOut: throw PostgresError(.usage, serverMessage: "a second COPY stands behind the first")
            case .copyBoth: throw PostgresError.replication
            default: rows = result.affectedRows
            }
        }
        if let failure { throw failure }
        return rows
    }
}
