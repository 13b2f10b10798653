// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// How busy a pool is, and what became of its connections.
public struct PoolStatistics: Sendable, Hashable {
    /// Connections lent out or being opened.
    public var inUse: Int
    /// Connections nobody uses.
    public var idle: Int
    /// Callers that wait.
    public var waiting: Int
    /// The most connections.
    public var maximum: Int
    /// How the breaker of the server stands: while it is open, no connection is opened.
    public var breaker: BreakerState.Standing
    /// What became of the connections so far.
    public var counts: PoolCounts

    /// Counts a pool's state.
    public init(_ state: PoolState, _ counts: PoolCounts = PoolCounts(), breaker: BreakerState.Standing = .closed) {
        self.inUse = state.inUse
        self.idle = state.idle.count
        self.waiting = state.waitingCount
        self.maximum = state.limits.maximum
        self.breaker = breaker
        self.counts = counts
    }
}

/// What became of a pool's connections since it was made.
public struct PoolCounts: Sendable, Hashable {
    /// How many were opened.
    public var opened = 0
    /// How many could not be opened; what the breaker refused is not counted.
    public var failedToOpen = 0
    /// How many were closed, by reason.
    public var closed: [PoolCloseReason: Int] = [:]

    /// Creates counts of nothing.
    public init() {}
}
