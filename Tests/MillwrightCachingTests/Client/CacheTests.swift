// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting
import Testing

@testable import MillwrightCaching

@Suite("Cache client", .timeLimit(.minutes(1)))
struct CacheTests {
    @Test("A value comes back, under the alias's prefix and version and with its timeout")
    func roundTrip() async throws {
        try await withSharedRedis { redis, alias in
            let cache = Cache(alias, redis: redis)

            try await cache.set("product:1", to: [1, 0, 255])

            #expect(try await cache.get("product:1") == [1, 0, 255])
            let left = try await redis.send(RedisCommand("PTTL", "\(alias.keyPrefix):1:product:1")).decode(as: Int.self)
            #expect((30_000...60_000).contains(left))
        }
    }

    @Test(
        "Timeouts: for ever, a minute and a half second, and zero, which deletes; adding for zero seconds touches nothing"
    )
    func timeouts() async throws {
        try await withSharedRedis { redis, alias in
            let cache = Cache(alias, redis: redis)
            func left(_ key: String) async throws -> Int {
                try await redis.send(RedisCommand("PTTL", KeyLayout(alias).stored(key))).decode()
            }

            try await cache.set("a", to: [1], for: .never)
            #expect(try await left("a") == -1)
            try await cache.set("a", to: [2])
            #expect(try await left("a") > 0)
            try await cache.set("a", to: [3], for: .after(.milliseconds(60_500)))
            #expect((30_000...60_500).contains(try await left("a")))
            #expect(try await cache.add("a", [4], for: .after(.zero)) == false)
            #expect(try await cache.get("a") == [3])
            try await cache.set("a", to: [5], for: .after(.zero))
            #expect(try await cache.get("a") == nil)
            #expect(try await cache.add("a", [6]) == true)
            #expect(try await cache.add("a", [7]) == false)
            #expect(try await cache.delete("a") == true)
        }
    }

    @Test("getOrSet makes a value once, and an error of the maker is not cached")
    func getOrSet() async throws {
        struct Broken: Error {}
        try await withSharedRedis { redis, alias in
            let cache = Cache(alias, redis: redis)

            await #expect(throws: Broken.self) { try await cache.getOrSet("k") { throw Broken() } }
            let made = try await cache.getOrSet("k") { [1] }
            let kept = try await cache.getOrSet("k") { [2] }

            #expect(made == [1] && kept == [1])
            #expect(cache.counters.take() == ["k": ReadCounts(hits: 1, misses: 2)])
        }
    }

    @Test("With the server frozen reads are errors, not misses, and getOrSet goes on after one timeout")
    func frozen() async throws {
        try await withPrivateRedis(patience: .milliseconds(200)) { redis, servers in
            let counted = CountedRedis(redis)
            let cache = Cache(CacheAlias("default", endpoint: "e"), redis: counted)
            try await servers.server("redis").stop()

            // That it comes back is the proof that it waits for nobody: the server stays frozen until it does.
            let made = try await cache.getOrSet("k") { [9] }

            #expect(made == [9])
            #expect(counted.count == 1)
            await #expect(throws: RedisError.self) { _ = try await cache.get("k") }
            #expect(cache.counters.take() == ["k": ReadCounts(errors: 2)])
            try await servers.server("redis").continue()
        }
    }

    @Test("Counts of several processes add up, and the first one says since when")
    func counts() async throws {
        try await withSharedRedis { redis, alias in
            let (one, other) = (Cache(alias, redis: redis), Cache(alias, redis: redis))
            try await one.set("product:1", to: [1])
            for cache in [one, other] {
                _ = try await cache.get("product:1")
                _ = try await cache.get("product:2")
                try await cache.flushCounts()
            }
            try await one.flushCounts()

            let ratio = try await one.hitRatio()

            #expect(ratio.groups == ["product": ReadCounts(hits: 2, misses: 2)])
            let since = try #require(ratio.since)
            #expect(since > 1_700_000_000)
            _ = try await redis.send(RedisCommand("DEL", HitRatio.storedName(alias: alias.name)))
        }
    }

    @Test("A count that Redis refuses is kept, and the others of its batch are not added again")
    func refusedCounts() async throws {
        try await withSharedRedis { redis, alias in
            let cache = Cache(alias, redis: redis)
            let name = HitRatio.storedName(alias: alias.name)
            _ = try await redis.send(RedisCommand("HSET", name, "product:misses", "many"))
            try await cache.set("product:1", to: [1])
            for key in ["product:1", "product:2", "page:1"] { _ = try await cache.get(key) }

            for _ in 0..<2 { await #expect(throws: RedisError.self) { try await cache.flushCounts() } }

            #expect(
                try await cache.hitRatio().groups == ["product": ReadCounts(hits: 1), "page": ReadCounts(misses: 1)]
            )
            _ = try await redis.send(RedisCommand("HDEL", name, "product:misses"))
            try await cache.flushCounts()
            #expect(try await cache.hitRatio().groups["product"] == ReadCounts(hits: 1, misses: 1))
            _ = try await redis.send(RedisCommand("DEL", name))
        }
    }

    @Test("Counts that could not be flushed are kept, and a flusher sends its last batch when it is stopped")
    func keptCounts() async throws {
        try await withSharedRedis { redis, alias in
            let cache = Cache(alias, redis: redis)
            _ = try await cache.get("a")
            let unreachable = Cache(
                alias,
                redis: RedisClient(try RedisConfiguration("redis://127.0.0.1:1")),
                counters: cache.counters
            )
            await #expect(throws: RedisError.self) { try await unreachable.flushCounts() }

            let flushing = Task { await cache.flushCounts(every: .seconds(3600)) }
            flushing.cancel()
            await flushing.value

            #expect(try await cache.hitRatio().groups == ["a": ReadCounts(misses: 1)])
            _ = try await redis.send(RedisCommand("DEL", HitRatio.storedName(alias: alias.name)))
        }
    }
}
