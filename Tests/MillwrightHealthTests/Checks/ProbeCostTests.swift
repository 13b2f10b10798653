// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import HTTPTypes
import MillwrightCaching
import MillwrightPostgres
import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting
import Testing

@testable import MillwrightHealth

@Suite("What a thousand probers cost", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct ProbeCostTests {
    @Test("A thousand concurrent probes run no check, and each look costs one statement and one SET and GET")
    func counted() async throws {
        let servers = try await TestServers.private(SandboxPlan())
        let redis = RedisClient(try RedisConfiguration(servers.redisURL))
        let pool = PostgresClient(PostgresConfiguration(servers.postgresURL))
        let patient = HealthSchedule(deadline: .seconds(20))
        let engine = try HealthEngine([
            DatabaseHealth(
                server: ReservedConnection(PostgresConfiguration(servers.postgresURL)),
                schedule: patient
            ),
            DatabasePoolHealth(pool: pool, schedule: patient),
            CacheHealth(CacheAlias("default", endpoint: "test"), redis: redis, schedule: patient),
        ])
        let handler = HealthHandler(engine)
        let counter = try await WorkCounter(servers)
        await engine.sample()
        let before = try await counter.counts()

        for _ in 0..<3 {
            await engine.sample()
            let statuses = await withTaskGroup(of: Int?.self) { group in
                for _ in 0..<1000 {
                    group.addTask {
                        handler.response(to: .init(method: .get, scheme: nil, authority: nil, path: "/readyz"))?
                            .head.status.code
                    }
                }
                return await group.reduce(into: [Int?]()) { $0.append($1) }
            }
            #expect(statuses.count == 1000 && statuses.allSatisfy { $0 == 200 })
        }

        let after = try await counter.counts()
        // Three looks of two checks that each run one statement.
        #expect(after.statements - before.statements == 6)
        #expect(after.sets - before.sets == 3 && after.gets - before.gets == 3)
        await counter.close()
        await pool.close()
        await redis.close()
        try await servers.remove()
    }
}

/// Counts what a server did for health checks, in the server's own books.
private struct WorkCounter {
    private let redis: RedisClient
    private let postgres: PostgresConnection

    init(_ servers: TestServers) async throws {
        self.redis = RedisClient(try RedisConfiguration(servers.redisURL))
        self.postgres = try await PostgresConnection.connect(PostgresConfiguration(servers.superuserURL))
        try await self.postgres.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    }

    func counts() async throws -> (statements: Int, sets: Int, gets: Int) {
        let rows = try await self.postgres.query(
            "SELECT coalesce(sum(calls), 0)::int8 FROM pg_stat_statements WHERE query LIKE '%millwright:health *' || '/%'"
        )
        let info = try await self.redis.send(RedisCommand("INFO", "commandstats")).decode(as: String.self)
        return (try rows.first?.get(0, as: Int.self) ?? 0, Self.calls("set", info), Self.calls("get", info))
    }

    private static func calls(_ command: String, _ info: String) -> Int {
        let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cmdstat_\(command):calls=") }
        return line?.dropFirst("cmdstat_\(command):calls=".count).prefix { $0.isNumber }.isEmpty == false
            ? Int(line?.dropFirst("cmdstat_\(command):calls=".count).prefix { $0.isNumber } ?? "") ?? 0 : 0
    }

    func close() async {
        await self.postgres.close()
        await self.redis.close()
    }
}
