// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Why a pool closed a connection: a label of metrics, from a closed set.
public enum PoolCloseReason: String, Sendable, Hashable, CaseIterable {
    /// It came back broken, in a transaction or otherwise not fit for the next caller, or it broke while idle.
    case broken
    /// Its server did not answer when it was asked after a long idle time.
    case unanswered
    /// It reached its maximum age.
    case age
    /// Nobody used it for long.
    case idle
    /// It was opened before the pool was told to use no older ones, as after a failover.
    case evicted
    /// The pool was closed.
    case shutdown
}
