// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

// What a caller can do about an error, by the classes of appendix A of PostgreSQL's manual.

extension PostgresError {
    /// Whether the same transaction, run again from its beginning, may succeed: a serialization failure or a deadlock.
    ///
    /// Nothing of the transaction has taken effect.
    public var isRetryable: Bool { self.sqlState == "40001" || self.sqlState == "40P01" }

    /// Whether the server cannot be reached or cannot serve now: it is down, restarts, shuts down, or has no connection left.
    ///
    /// A refused password and a missing database are none: they will not pass by themselves.
    public var isOutage: Bool {
        guard let sqlState = self.sqlState else {
            return [.connectionFailed, .connectionLost, .breakerOpen].contains(self.code)
        }
        return ["57P01", "57P02", "57P03", "53300"].contains(sqlState) || sqlState.hasPrefix("08")
    }

    /// Whether the role may not do that.
    public var isPrivilege: Bool { self.sqlState == "42501" }
    /// Whether the role or its password was refused.
    public var isAuthentication: Bool { self.sqlState?.hasPrefix("28") ?? false }
    /// Whether a row breaks a constraint; ``constraint`` names it, and ``detail`` quotes the row.
    public var isConstraint: Bool { self.sqlState?.hasPrefix("23") ?? false }
    /// Whether something was to be written on a standby or in a read-only transaction.
    public var isReadOnly: Bool { self.sqlState == "25006" }
    /// Whether a lock was not to be had within `lock_timeout`, or at once.
    public var isLockTimeout: Bool { self.sqlState == "55P03" }
    /// Whether the server ran out of memory, disk or connections.
    public var isResources: Bool { self.sqlState?.hasPrefix("53") ?? false }
}
