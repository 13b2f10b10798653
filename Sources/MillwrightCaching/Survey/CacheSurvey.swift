// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightRedis

/// Looks at the caches: one `INFO` a server, a bounded walk over each database, one hash of counts an alias.
///
/// It only reads, every command is time-limited, and a server that does not answer is asked once.
public struct CacheSurvey: Sendable {
    /// An alias and a connection or client that has selected its database.
    public struct Source: Sendable {
        /// The alias.
        public var alias: CacheAlias
        /// How to reach it.
        public var redis: any RedisSending

        /// Creates a source.
        public init(_ alias: CacheAlias, redis: any RedisSending) {
            self.alias = alias
            self.redis = redis
        }
    }

    /// How many keys of a database are walked at most.
    public var maximumKeys = 20_000
    /// How many of them have their memory measured.
    public var maximumMeasured = 1_000
    /// How long a walk may take.
    public var walkTime: Duration = .seconds(3)
    /// How long one command may take.
    public var commandTimeout: Duration = .seconds(1)

    /// Creates a survey with its default bounds.
    public init() {}

    /// Looks; what cannot be seen is in the observation as unknown, with the reason.
    public func observe(_ sources: [Source]) async -> CacheObservation {
        var seen = CacheObservation(aliases: sources.map(\.alias))
        for endpoint in seen.endpoints {
            let here = sources.filter { $0.alias.endpoint == endpoint }
            await self.look(at: here, endpoint: endpoint, into: &seen)
        }
        return seen
    }

    private func look(at sources: [Source], endpoint: String, into seen: inout CacheObservation) async {
        guard let first = sources.first else { return }
        let look = RedisLook(first.redis, timeout: self.commandTimeout)
        seen.servers[endpoint] = await look.seen("INFO", permissions: "+info +config|get +select") {
            try await look.serverFacts()
        }
        seen.primaries[endpoint] = await (first.redis as? RedisClient)?.sentinelStatus()
        if let outage = look.outage {
            seen.outages[endpoint] = outage
        }
        for source in sources where seen.samples[source.alias.keySpace] == nil {
            seen.samples[source.alias.keySpace] = await self.sample(source, beside: sources, outage: look.outage)
        }
        for source in sources {
            seen.ratios[source.alias.name] = await self.ratio(source, outage: look.outage)
        }
    }

    private func sample(_ source: Source, beside sources: [Source], outage: RedisError?) async -> Seen<KeySample> {
        let look = RedisLook(source.redis, timeout: self.commandTimeout, outage: outage)
        let layouts = sources.filter { $0.alias.keySpace == source.alias.keySpace }
            .map { (alias: $0.alias.name, layout: KeyLayout($0.alias)) }
        return await look.seen("SCAN", permissions: "+scan +pttl +dbsize +memory|usage") {
            try await KeyWalk(survey: self, redis: source.redis, layouts: layouts).sample()
        }
    }

    private func ratio(_ source: Source, outage: RedisError?) async -> Seen<HitRatio> {
        let look = RedisLook(source.redis, timeout: self.commandTimeout, outage: outage)
        return await look.seen("HGETALL", permissions: "+hgetall ~millwright:*") {
            try await HitRatio(of: source.alias, redis: source.redis)
        }
    }
}
