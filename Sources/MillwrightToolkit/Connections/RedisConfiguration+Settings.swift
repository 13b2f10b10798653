// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
public import MillwrightRedis

extension RedisConfiguration {
    /// How the settings say a cache is to be used.
    public init(_ settings: CacheSettings) throws {
        try self.init(settings.location.reveal())
        self.connectTimeout = settings.connectTimeout
        self.commandTimeout = settings.commandTimeout
        self.minimumConnections = settings.minimumConnections
        self.maximumConnections = settings.maximumConnections
        self.acquireTimeout = settings.acquireTimeout
        self.maximumAge = settings.maximumAge
        self.idleTimeout = settings.idleTimeout
    }
}
