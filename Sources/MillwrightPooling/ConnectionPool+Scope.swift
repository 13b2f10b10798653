// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightIO

extension ConnectionPool {
    /// Lends a connection for as long as `body` runs, where the caller runs.
    ///
    /// A caller on the pool's loop gets an idle connection, and gives it back, without being suspended, and waits for one without a
    /// change of executor.
    @inlinable
    package func withConnection<Value: Sendable>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: (Connection) async throws -> Value
    ) async throws -> Value {
        let turn = try self.takeIdleOnLoop()
        let lease = if case .ready(let lease)? = turn { lease } else { try await self.acquireOnLoop(turn) }
        do {
            let value = try await body(lease.connection)
            if !self.releaseOnLoop(lease) { await self.release(lease) }
            return value
        } catch {
            if !self.releaseOnLoop(lease) { await self.release(lease) }
            throw error
        }
    }

    /// Takes an idle connection; `nil` where there is none, the caller is not on the loop, or the wait is to be measured.
    @inlinable
    nonisolated func takeIdleOnLoop() throws -> Turn? {
        guard self.loop.isCurrent, !self.isObserved else { return nil }
        return try self.assumeIsolated { try $0.takeIdle() }
    }

    /// Waits for a connection where none was idle.
    @inlinable
    func acquireOnLoop(
        _ taken: Turn?,
        isolation: isolated (any Actor)? = #isolation
    ) async throws -> Lease<Connection> {
        guard case nil = taken, self.loop.isCurrent, !self.isObserved else { return try await self.acquire(taken) }
        let turn = try await self.turnOnLoop()
        if case .ready(let lease) = turn { return lease }
        return try await self.acquire(turn)
    }

    /// Gives a connection back; false where the caller is not on the loop.
    @inlinable
    nonisolated func releaseOnLoop(_ lease: Lease<Connection>) -> Bool {
        guard self.loop.isCurrent else { return false }
        self.assumeIsolated { $0.release(lease) }
        return true
    }

    /// Lends a connection for as long as `body` runs, all of it on the pool's loop.
    ///
    /// For a caller elsewhere the way there and back is all that it costs. `body` must not compute for long.
    @inlinable
    package func run<Value: Sendable>(
        _ body: nonisolated(nonsending) (Connection) async throws -> Value
    ) async throws -> Value {
        // No function of the actor's own is awaited where a connection is idle: it could queue the caller anew.
        let turn = self.isObserved ? nil : try self.takeIdle()
        let lease = if case .ready(let lease)? = turn { lease } else { try await self.acquire(turn) }
        defer { self.release(lease) }
        return try await body(lease.connection)
    }
}
