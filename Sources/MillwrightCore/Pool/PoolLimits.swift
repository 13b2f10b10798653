// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// The bounds that a pool keeps.
public struct PoolLimits: Sendable, Hashable {
    /// The fewest connections: so many are kept open, in the background, while the pool is used.
    public var minimum: Int
    /// The most connections, those being opened included.
    public var maximum: Int
    /// The most callers that wait; the next one is turned away.
    public var maximumWaiting: Int
    /// How old a connection may get; for ever where `nil`.
    public var maximumAge: Duration?
    /// By how much of `maximumAge` a connection may be replaced earlier, from 0 to 1, so that not all go at the same time.
    public var ageSpread: Double
    /// How long a connection beyond the minimum may stay idle; for ever where `nil`.
    public var idleTimeout: Duration?
    /// How long a connection may be idle before its server is asked, when it is lent, whether it is still there.
    public var checkAfter: Duration

    /// Creates bounds; numbers that make no sense are brought into range.
    public init(
        minimum: Int = 0,
        maximum: Int = 10,
        maximumWaiting: Int = 1_000,
        maximumAge: Duration? = nil,
        ageSpread: Double = 0.1,
        idleTimeout: Duration? = .seconds(600),
        checkAfter: Duration = .seconds(30)
    ) {
        self.maximum = max(1, maximum)
        self.minimum = min(max(0, minimum), self.maximum)
        self.maximumWaiting = max(0, maximumWaiting)
        self.maximumAge = maximumAge
        self.ageSpread = min(max(ageSpread, 0), 1)
        self.idleTimeout = idleTimeout
        self.checkAfter = checkAfter
    }
}
