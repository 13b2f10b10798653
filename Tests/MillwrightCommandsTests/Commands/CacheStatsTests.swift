// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCommands
import MillwrightCore
import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("cache_stats", .timeLimit(.minutes(1)))
struct CacheStatsTests {
    private func withRedis(_ body: (RedisClient, [String: String]) async throws -> Void) async throws {
        let servers = try await TestServers.private(.redisOnly)
        let client = RedisClient(try RedisConfiguration(servers.redisURL))
        try await body(client, ["REDIS_URL": servers.redisURL])
        await client.close()
        try await servers.remove()
    }

    @Test("Every alias is looked at, and --cache looks at one")
    func aliases() async throws {
        try await self.withRedis { _, environment in
            let two = ["MILLWRIGHT_CACHES_OTHER_LOCATION": environment["REDIS_URL"] ?? ""]
                .merging(environment) { one, _ in one }

            let all = await run("cache_stats", "--format", "json", environment: two)
            let one = await run("cache_stats", "--cache", "other", "--format", "json", environment: two)

            #expect(all.stdout.contains(#""alias": "default""#) && all.stdout.contains(#""alias": "other""#))
            #expect(!one.stdout.contains(#""alias": "default""#) && one.stdout.contains(#""alias": "other""#))
        }
    }

    @Test("A warning is reported with exit 0, and with 1 where --fail-level says so")
    func failLevel() async throws {
        try await self.withRedis { redis, environment in
            _ = try await redis.send(RedisCommand("HSET", "millwright:hits:default", "search:misses", 900))

            let lenient = await run("cache_stats", "--format", "json", environment: environment)
            let strict = await run("cache_stats", "--fail-level", "warning", environment: environment)

            #expect(lenient.code == .ok && lenient.stdout.contains(#""caches.W001""#))
            #expect(strict.code == .notWell)
        }
    }

    @Test("A server that is not there ends with 69 and one JSON document; without a cache the settings are wrong")
    func unavailable() async {
        let absent = await run("cache_stats", "--format", "json", environment: ["REDIS_URL": "redis://127.0.0.1:1"])
        let none = await run("cache_stats")
        let unknown = await run("cache_stats", "--cache", "x", environment: ["REDIS_URL": "redis://127.0.0.1:1"])

        #expect(absent.code == .unavailable && absent.stdout.hasPrefix("{"))
        #expect(none.code == .settings && unknown.code == .settings)
    }
}
