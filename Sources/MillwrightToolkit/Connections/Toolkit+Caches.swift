// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCaching

extension Toolkit {
    /// The aliases of the settings, by name.
    public func cacheAliases() throws -> [CacheAlias] {
        try self.settings.caches.values.sorted { $0.alias < $1.alias }.map {
            try CacheAlias($0, sessionsAlias: self.settings.sessions?.cacheAlias)
        }
    }

    /// Looks at the caches of the settings, all or the named one; it only reads.
    ///
    /// A server that does not answer is *unknown* in the observation; it never throws for that.
    public func observeCaches(only alias: String? = nil) async throws -> CacheObservation {
        if let alias { _ = try self.cacheSettings(alias) }
        let sources = try self.cacheAliases().filter { alias == nil || $0.name == alias }.map {
            CacheSurvey.Source($0, redis: try self.cache($0.name))
        }
        return await CacheSurvey().observe(sources)
    }
}
