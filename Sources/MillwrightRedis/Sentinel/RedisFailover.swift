// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A change of the primary that a client followed.
///
/// ```swift
/// let redis = RedisClient(try RedisConfiguration("redis+sentinel://10.0.0.1:26379/main"))
/// for failover in await redis.sentinelStatus()?.failovers ?? [] {
///     if let followed = failover.followed { print("without a primary for", failover.learnt.duration(to: followed)) }
/// }
/// ```
public struct RedisFailover: Sendable, Hashable {
    /// Who was the primary.
    public let old: RedisConfiguration.Endpoint
    /// Who became it; `nil` while none is known.
    public private(set) var new: RedisConfiguration.Endpoint?
    /// When the client knew that the old one is no more; it has written nothing to it after that.
    public let learnt: ContinuousClock.Instant
    /// When the new one had said itself that it is the primary, and commands went there.
    public private(set) var followed: ContinuousClock.Instant?

    init(from old: RedisConfiguration.Endpoint, learnt: ContinuousClock.Instant) {
        self.old = old
        self.learnt = learnt
    }

    mutating func follow(_ new: RedisConfiguration.Endpoint, at now: ContinuousClock.Instant) {
        self.new = new
        self.followed = now
    }
}

/// What a client knows from the Sentinels.
///
/// ```swift
/// let redis = RedisClient(try RedisConfiguration("redis+sentinel://10.0.0.1:26379/main"))
/// if case .tcp(let host, let port)? = await redis.sentinelStatus()?.primary { print("writes go to \(host):\(port)") }
/// ```
public struct RedisSentinelStatus: Sendable, Hashable {
    /// The name under which they watch the primary.
    public var primaryName: String
    /// The primary that commands go to; `nil` while none is known.
    public var primary: RedisConfiguration.Endpoint?
    /// The Sentinels, those first that answered last.
    public var sentinels: [RedisConfiguration.Endpoint]
    /// The last failovers, oldest first; at most 64.
    public var failovers: [RedisFailover]
}
