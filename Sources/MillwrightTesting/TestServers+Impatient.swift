// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
public import MillwrightPostgres
public import MillwrightRedis
import MillwrightSandbox

extension TestServers {
    /// How a service reaches Redis that has something to fall back on: through the Sentinels where there are some, giving up
    /// after 250 ms and trying again within a second.
    public func impatientRedis() throws -> RedisConfiguration {
        var configuration = try RedisConfiguration(self.sentinelURL.isEmpty ? self.redisURL : self.sentinelURL)
        configuration.connectTimeout = .milliseconds(250)
        configuration.commandTimeout = .milliseconds(250)
        configuration.breakerBackoff.cap = .seconds(1)
        return configuration
    }

    /// How a service reaches PostgreSQL whose requests must not wait: a connection is given up after a second, and tried again within
    /// half a second.
    public func impatientPostgres() -> PostgresConfiguration {
        var configuration = PostgresConfiguration(self.postgresURL)
        configuration.connectTimeout = .seconds(1)
        configuration.acquireTimeout = .seconds(1)
        configuration.breakerBackoff.cap = .milliseconds(500)
        return configuration
    }
}
