// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCaching
public import MillwrightCore

extension Toolkit {
    /// The aliases of the settings, `default` first, then by name.
    public func cacheAliases() throws -> [CacheAlias] {
        try self.settings.caches.keys.sorted { ($0 == "default" ? "" : $0) < ($1 == "default" ? "" : $1) }
            .map(self.cacheAlias)
    }

    /// Where an alias's keys live and how they are named.
    public func cacheAlias(_ alias: String = "default") throws -> CacheAlias {
        try CacheAlias(self.cacheSettings(alias), sessionsAlias: self.settings.sessions?.cacheAlias)
    }

    /// A cache client over an alias: keys get its prefix and version, values its timeout, and reads are counted.
    ///
    /// - Parameter counters: where reads are counted; clients of the same alias in one process should share it.
    public func keyedCache(_ alias: String = "default", counters: HitCounters = HitCounters()) throws -> Cache {
        Cache(try self.cacheAlias(alias), redis: try self.cache(alias), counters: counters)
    }

    /// Looks at the caches of the settings, all or the named one; it only reads.
    ///
    /// A server that does not answer is *unknown* in the observation; it never throws for that.
    public func observeCaches(
        only alias: String? = nil,
        survey: CacheSurvey = CacheSurvey()
    ) async throws -> CacheObservation {
        let aliases = try alias.map { [try self.cacheAlias($0)] } ?? self.cacheAliases()
        return await survey.observe(try aliases.map { CacheSurvey.Source($0, redis: try self.cache($0.name)) })
    }

    /// The caches' checks, with the thresholds of the settings.
    ///
    /// - Throws: `ToolError` where the settings name a threshold that a check does not have.
    public func cacheChecks() throws(ToolError) -> [any CacheCheck] {
        do { return try CacheChecks.all(with: self.settings.checks) } catch { throw .wrongThreshold(error) }
    }
}
