// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import HTTPTypes
import MillwrightCaching
import MillwrightCore
import MillwrightPostgres
import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting
import Testing

@testable import MillwrightHealth

@Suite("Health of real servers", .timeLimit(.minutes(2)))
struct LiveChecksTests {
    /// Time enough for a busy machine; what is late on purpose takes the default.
    private static let patient = HealthSchedule(deadline: .seconds(20))

    private func engine(
        _ servers: TestServers,
        redis: RedisClient,
        schedule: HealthSchedule = HealthSchedule()
    ) throws -> HealthEngine {
        try HealthEngine([
            DatabaseHealth(
                server: ReservedConnection(PostgresConfiguration(servers.postgresURL)),
                schedule: schedule
            ),
            CacheHealth(
                CacheAlias("default", endpoint: "test", keyPrefix: "erp"),
                redis: redis,
                schedule: schedule
            ),
        ])
    }

    private func codes(_ engine: HealthEngine) async -> [String] {
        await engine.sample().entries.map(\.result.code)
    }

    /// Looks until both answer; the test's time limit bounds it.
    private func awaitService(_ engine: HealthEngine) async {
        while await self.codes(engine) != ["ok", "ok"] { await Task.yield() }
    }

    @Test("Both answer: pass, and the probe's key expires by itself")
    func pass() async throws {
        let servers = try await TestServers.shared()
        let redis = RedisClient(try RedisConfiguration(servers.redisURL))
        let engine = try self.engine(servers, redis: redis, schedule: Self.patient)

        #expect(await self.codes(engine) == ["ok", "ok"])
        #expect(engine.snapshot().status(of: .readyz) == .pass)
        let keys = try await redis.send(RedisCommand("KEYS", "erp:1:millwright_health:*")).decode(as: [String].self)
        for key in keys {
            #expect(try await redis.send(RedisCommand("PTTL", key)).decode(as: Int.self) > 0)
        }
        await redis.close()
    }

    @Test("Both frozen: in time, a warning for the balancer, probes in milliseconds, and well again after the thaw")
    func frozen() async throws {
        let servers = try await TestServers.private(SandboxPlan())
        let redis = RedisClient(try RedisConfiguration(servers.redisURL))
        let engine = try self.engine(servers, redis: redis)
        let handler = HealthHandler(engine)
        await self.awaitService(engine)
        for name in ["postgres", "redis"] { try await servers.server(name).stop() }

        // That it comes back is the proof that it waits for nobody: the servers stay frozen until it does.
        await engine.sample()

        let entries = engine.snapshot().entries
        #expect(entries.allSatisfy { $0.result.status == .fail })
        #expect(engine.snapshot().status(of: .health) == .warn)
        let request = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/health_check")
        let thousand = ContinuousClock().measure {
            for _ in 0..<1000 { _ = handler.response(to: request) }
        }
        // One that waited for a check would take a second, and these take seventeen minutes.
        #expect(thousand < .seconds(30))
        #expect(handler.response(to: request)?.head.status == .ok)

        for name in ["postgres", "redis"] { try await servers.server(name).continue() }
        await self.awaitService(engine)
        await redis.close()
        try await servers.remove()
    }

    @Test("Frozen before anybody was connected: what is late is named, and not left to hang")
    func frozenFromTheStart() async throws {
        let servers = try await TestServers.private(SandboxPlan())
        for name in ["postgres", "redis"] { try await servers.server(name).stop() }
        var configuration = try RedisConfiguration(servers.redisURL)
        configuration.connectTimeout = .seconds(30)
        let redis = RedisClient(configuration)
        let database = PostgresClient(PostgresConfiguration(servers.postgresURL))
        let schedule = HealthSchedule(deadline: .milliseconds(500))

        let cache = try await CacheHealth(CacheAlias("default", endpoint: "test"), redis: redis, schedule: schedule)
            .run()
        let pool = try await DatabasePoolHealth(pool: database, schedule: schedule).run()

        #expect(cache.code == "redis.timed_out")
        #expect(pool.code == "postgres.timeout")
        for name in ["postgres", "redis"] { try await servers.server(name).continue() }
        await redis.close()
        await database.close()
        try await servers.remove()
    }

    @Test("Killed servers are unreachable, started again they pass without a new engine")
    func killed() async throws {
        let servers = try await TestServers.private(SandboxPlan())
        let redis = RedisClient(try RedisConfiguration(servers.redisURL))
        let engine = try self.engine(servers, redis: redis, schedule: Self.patient)
        await self.awaitService(engine)

        for name in ["postgres", "redis"] { try await servers.server(name).kill() }
        let down = await self.codes(engine)
        for name in ["postgres", "redis"] { try await servers.server(name).restart() }
        await self.awaitService(engine)

        #expect(down[0] == "postgres.unreachable" || down[0] == "postgres.shutting_down")
        #expect(["redis.connection_lost", "redis.connection_failed"].contains(down[1]))
        await redis.close()
        try await servers.remove()
    }

    @Test("A server that is full, read-only or locked fails with its own word")
    func refusals() async throws {
        let servers = try await TestServers.private(.redisOnly)
        let redis = RedisClient(try RedisConfiguration(servers.redisURL))
        let check = CacheHealth(CacheAlias("sessions", endpoint: "test"), redis: redis)
        #expect(check.name == "cache.sessions")

        _ = try await redis.send(RedisCommand("CONFIG", "SET", "maxmemory", "1"))
        #expect(try await check.run().code == "redis.out_of_memory")
        _ = try await redis.send(RedisCommand("CONFIG", "SET", "maxmemory", "0"))
        _ = try await redis.send(RedisCommand("REPLICAOF", "127.0.0.1", "1"))
        #expect(try await check.run().code == "redis.read_only")
        _ = try await redis.send(RedisCommand("REPLICAOF", "NO", "ONE"))
        #expect(try await check.run() == .pass())
        await redis.close()
        try await servers.remove()
    }

    @Test("A wrong password of PostgreSQL is its own word and leaks nowhere")
    func wrongPassword() async throws {
        let servers = try await TestServers.shared()
        var url = servers.postgresURL
        url += (url.contains("?") ? "&" : "?") + "user=nobody_at_all&password=s3cret%40%20space"
        let engine = try HealthEngine([
            DatabaseHealth(server: ReservedConnection(PostgresConfiguration(url)), schedule: Self.patient)
        ])

        let snapshot = await engine.sample()

        #expect(snapshot.entries[0].result.code == "postgres.authentication")
        #expect(!snapshot.document().text(pretty: false).contains("s3cret"))
    }
}
