// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting
import Testing

@testable import MillwrightCaching

@Suite("Survey of a real Redis", .timeLimit(.minutes(1)))
struct CacheSurveyTests {
    private let alias = CacheAlias("default", endpoint: "test", keyPrefix: "erp", holdsSessions: true)

    private func observe(_ redis: any RedisSending, _ change: (inout CacheSurvey) -> Void = { _ in }) async
        -> CacheObservation
    {
        var survey = CacheSurvey()
        survey.commandTimeout = .seconds(20)
        survey.walkTime = .seconds(60)
        change(&survey)
        return await survey.observe([.init(self.alias, redis: redis)])
    }

    @Test("Keys, memory, expiry, counts and the server's facts are seen")
    func everything() async throws {
        try await withPrivateRedis(settings: ["maxmemory": "64mb", "maxmemory-policy": "volatile-lru"]) { redis, _ in
            let cache = Cache(self.alias, redis: redis)
            for number in 0..<30 { try await cache.set("product:\(number)", to: Array(repeating: 7, count: 500)) }
            for number in 0..<25 { try await cache.set("report:\(number)", to: [1], for: .never) }
            for number in 0..<600 { _ = try await cache.get("search:\(number)") }
            try await cache.flushCounts()
            _ = try await redis.send(RedisCommand("SET", "celery", "x"))

            let seen = await self.observe(redis)

            let sample = try #require(seen.samples["test/0"]?.value)
            #expect(sample.isComplete && sample.keyCount == 57 && sample.foreign == 1)
            #expect(sample.groups["default"]?["product"]?.keys == 30)
            let bytes = try #require(sample.groups["default"]?["product"]?.bytes)
            #expect(bytes > 30 * 500)
            #expect(sample.groups["default"]?["product"]?.remaining.hour == 30)
            let facts = try #require(seen.servers["test"]?.value)
            #expect(facts.maximumBytes == 64 << 20 && facts.evictionPolicy == "volatile-lru" && facts.role == "master")
            let found = seen.section().outcomes.flatMap(\.verdict.findings).map { "\($0.id) \($0.subject)" }
            #expect(
                Set(found) == ["caches.W001 default:search", "caches.W002 default:report", "caches.I002 test/0"]
            )
        }
    }

    @Test("A walk keeps its bound, and says that it saw a part")
    func bounded() async throws {
        try await withPrivateRedis { redis, _ in
            let commands = (0..<3000).map { RedisCommand("SET", "erp:1:k:\($0)", "v", "PX", 100_000) }
            _ = try await redis.pipeline(commands, timeout: .seconds(20))

            let sample = try #require(
                await self.observe(redis) {
                    $0.maximumKeys = 1000
                    $0.maximumMeasured = 10
                }.samples["test/0"]?.value
            )

            #expect(!sample.isComplete && (1000..<2500).contains(sample.visited) && sample.keyCount == 3000)
            #expect(sample.groups["default"]?["k"]?.measured == 10)
            #expect(sample.scale > 1)
        }
    }

    @Test("A role without rights gives unknown with the ACL that cures it, and the cure cures it")
    func refused() async throws {
        try await withPrivateRedis { admin, servers in
            _ = try await admin.send(
                RedisCommand("ACL", "SETUSER", "weak", "on", ">pw", "~erp:*", "-@all", "+get", "+ping", "+client")
            )
            var configuration = try RedisConfiguration(servers.redisURL)
            configuration.user = "weak"
            configuration.password = Secret("pw")
            let weak = RedisClient(configuration)
            let seen = await self.observe(weak)

            var cures: [String] = []
            for outcome in seen.section().outcomes {
                guard case .unknown(_, let cure) = outcome.verdict else {
                    Issue.record("\(outcome.name) said \(outcome.verdict)")
                    continue
                }
                if let cure { cures.append(cure) }
            }
            #expect(!cures.isEmpty && cures.allSatisfy { $0.hasPrefix("ACL SETUSER ") })

            for cure in Set(cures) {
                let words = cure.replacing("<user>", with: "weak").split(separator: " ").map(String.init)
                _ = try await admin.send(RedisCommand(words[0], arguments: words.dropFirst()))
            }
            let cured = await self.observe(weak)
            #expect(cured.servers["test"]?.value != nil)
            #expect(cured.samples["test/0"]?.value != nil && cured.ratios["default"]?.value != nil)
            await weak.close()
        }
    }

    @Test("A frozen server costs one timeout and makes everything unknown")
    func frozen() async throws {
        try await withPrivateRedis(patience: .milliseconds(200)) { redis, servers in
            let counted = CountedRedis(redis)
            try await servers.server("redis").stop()

            // That it comes back is the proof that it waits for nobody: the server stays frozen until it does.
            let seen = await self.observe(counted) { $0.commandTimeout = .milliseconds(200) }

            #expect(counted.count == 1)
            #expect(seen.outages["test"]?.code == .timedOut)
            #expect(seen.section().outcomes.flatMap(\.verdict.findings).isEmpty)
            try await servers.server("redis").continue()
        }
    }

    @Test("A wrong password is an outage that says so, and gives the password away nowhere")
    func wrongPassword() async throws {
        try await withPrivateRedis { admin, servers in
            _ = try await admin.send(RedisCommand("CONFIG", "SET", "requirepass", "right"))
            var configuration = try RedisConfiguration(servers.redisURL)
            configuration.user = nil
            configuration.password = Secret("s3cret@/% space")
            let redis = RedisClient(configuration)

            let seen = await self.observe(redis)

            #expect(seen.outages["test"]?.code == .wrongPassword)
            #expect(!"\(seen.section())".contains("s3cret"))
            await redis.close()
        }
    }
}
