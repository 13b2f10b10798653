// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
public import MillwrightRedis

extension RedisConfiguration {
    /// How the settings say a cache is to be used.
    public init(_ settings: CacheSettings) throws {
        try self.init(settings.location.reveal())
        if !settings.sentinels.isEmpty { self.sentinels = try Self.sentinels(settings, named: self.endpoint) }
        self.connectTimeout = settings.connectTimeout
        self.commandTimeout = settings.commandTimeout
        self.minimumConnections = settings.minimumConnections
        self.maximumConnections = settings.maximumConnections
        self.acquireTimeout = settings.acquireTimeout
        self.maximumAge = settings.maximumAge
        self.idleTimeout = settings.idleTimeout
    }

    /// The form that Django's settings have: the host of the location is the primary's name.
    private static func sentinels(_ settings: CacheSettings, named location: Endpoint) throws -> RedisSentinels {
        guard case .tcp(let name, _) = location else {
            throw RedisError(.usage, hint: "With sentinels, the location names the primary: redis://name/1.")
        }
        var sentinels = try RedisSentinels(of: name, hosts: settings.sentinels)
        sentinels.user = settings.sentinelUser
        sentinels.password = settings.sentinelPassword
        return sentinels
    }
}
