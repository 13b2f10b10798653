// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What becomes of a connection that is not the pool's, because all callers of its client share it.
package enum SharedConnectionEvent: Sendable {
    case opened, failedToOpen, closed
}

extension ConnectionPool {
    /// Counts on the pool's meter what becomes of a connection that is not the pool's.
    package nonisolated var countShared: @Sendable (SharedConnectionEvent) -> Void {
        { [meter] in meter?.count($0) }
    }

    /// Whether the host measures or traces; where it does not, nothing is timed.
    @inlinable package nonisolated var isObserved: Bool { self.meter != nil || self.trace != nil }

    /// Lends a connection, and tells the host how long it took.
    @usableFromInline
    func lendObserved(_ taken: Turn?) async throws -> Lease<Connection> {
        let start = ContinuousClock.now
        defer { self.meter?.show(self.state) }
        var lease =
            if let trace { try await trace.span(.acquire) { try await self.lend(taken) } } else {
                try await self.lend(taken)
            }
        lease.start = .now
        self.meter?.waited(since: start)
        return lease
    }

    /// What a caller is told that gets no connection; counts it.
    @usableFromInline
    func refusal(_ reason: PoolRefusal) -> any Error {
        self.meter?.countRefused(reason)
        return Connection.error(for: reason)
    }
}
