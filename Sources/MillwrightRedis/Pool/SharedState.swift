// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Decides about the one connection that the plain commands of all callers share.
struct SharedState: Sendable {
    enum Request: Sendable, Hashable {
        /// A place among those who wait; the caller also has the connection opened.
        case open
        /// A place among those who wait.
        case wait
        /// Nothing: the pool is closed.
        case refuseClosed
    }

    private enum Phase: Sendable, Hashable {
        case settled, opening, closed
    }

    private var phase = Phase.settled

    /// A caller wants to send, and no connection takes commands.
    mutating func request() -> Request {
        switch self.phase {
        case .closed: return .refuseClosed
        case .opening: return .wait
        case .settled:
            self.phase = .opening
            return .open
        }
    }

    /// The opening ended; returns whether to keep the connection: not where the pool was closed meanwhile.
    mutating func opened(_ isUsable: Bool) -> Bool {
        guard self.phase == .opening else { return false }
        self.phase = .settled
        return isUsable
    }

    /// Closes the pool.
    mutating func close() { self.phase = .closed }
}
