// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCaching
import MillwrightRedis

extension CacheAlias {
    /// How the settings say a cache names its keys, and where they live.
    public init(_ settings: CacheSettings, sessionsAlias: String? = nil) throws {
        let configuration = try RedisConfiguration(settings)
        var server = configuration
        server.database = 0
        self.init(
            settings.alias,
            endpoint: server.description,
            database: configuration.database,
            keyPrefix: settings.keyPrefix,
            version: settings.version,
            timeout: settings.timeout,
            holdsSessions: settings.alias == (sessionsAlias ?? "sessions")
        )
    }
}
