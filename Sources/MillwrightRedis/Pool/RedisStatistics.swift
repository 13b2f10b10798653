// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// How busy a client is, and what became of its connections.
///
/// ```swift
/// let client = RedisClient(try RedisConfiguration("redis://127.0.0.1"))
/// let statistics = await client.statistics()
/// print(statistics.commandsInFlight, statistics.isConnected)
/// ```
public struct RedisStatistics: Sendable, Hashable {
    struct Counts: Sendable, Hashable {
        var opened = 0
        var failedToOpen = 0
        var retries = 0

        /// The breaker's refusal is no attempt.
        mutating func count<Connection>(_ opening: Result<Connection, any Error>) {
            switch opening {
            case .success: self.opened += 1
            case .failure(let error): if (error as? RedisError)?.code != .breakerOpen { self.failedToOpen += 1 }
            }
        }
    }

    /// The connections lent to one caller each.
    public var leases: PoolStatistics
    /// Commands on the shared connection that wait for their answers.
    public var commandsInFlight: Int
    /// Whether the shared connection is open.
    public var isConnected: Bool
    /// How many connections were opened so far.
    public var opened: Int
    /// How many could not be opened.
    public var failedToOpen: Int
    /// How many commands were sent again: their connection was lost before they were sent, or led to a server that was demoted.
    public var retries: Int

    init(leases: PoolStatistics, shared: Counts, commandsInFlight: Int, isConnected: Bool) {
        self.leases = leases
        self.commandsInFlight = commandsInFlight
        self.isConnected = isConnected
        self.opened = shared.opened + leases.counts.opened
        self.failedToOpen = shared.failedToOpen + leases.counts.failedToOpen
        self.retries = shared.retries
    }
}
