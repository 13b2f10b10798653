// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting
import Testing

@testable import MillwrightCaching

@Suite("Copies of Django's that wait to be deleted", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct DjangoCopiesTests {
    private func withSessions(
        mostOwed: Int,
        _ body: (TestServers, PostgresClient, CountedRedis, DjangoSessions) async throws -> Void
    ) async throws {
        try await withPrivateRedis(patience: .milliseconds(500)) { redis, servers in
            try await TestServers.shared().withDatabase { url in
                let client = PostgresClient(PostgresConfiguration(url("app")))
                try await client.execute(
                    "CREATE TABLE django_session (session_key text PRIMARY KEY, session_data text, expire_date timestamptz)"
                )
                let counted = CountedRedis(redis)
                let sessions = DjangoSessions(
                    DjangoSessionCodec(secretKey: Secret("key")),
                    database: client,
                    redis: counted,
                    alias: CacheAlias("django", endpoint: "private", keyPrefix: "app"),
                    mostOwed: mostOwed
                )
                try await body(servers, client, counted, sessions)
                await client.close()
            }
        }
    }

    private func isUnavailable(_ body: () async throws -> Void) async -> Bool {
        do { try await body() } catch { return (error as? SessionError)?.code == .unavailable }
        return false
    }

    @Test("are deleted when Redis answers again; with as many as may wait nothing more is written")
    func bounded() async throws {
        try await self.withSessions(mostOwed: 3) { servers, database, _, sessions in
            let layout = KeyLayout(CacheAlias("django", endpoint: "private", keyPrefix: "app"))
            let name = layout.stored("django.contrib.sessions.cached_dbkey-1")
            let redis = RedisClient(try RedisConfiguration(servers.redisURL))
            _ = try await redis.send(RedisCommand("SET", name, "old"), timeout: .seconds(20))
            try await servers.server("redis").stop()

            for number in 0..<5 {
                #expect(await self.isUnavailable { try await sessions.create("key-\(number)", [:]) })
            }

            #expect(sessions.copiesOwed == 3)
            #expect(try await database.query("SELECT count(*) FROM django_session", as: Int.self) == [3])
            try await servers.server("redis").continue()
            try await until { await !self.isUnavailable { try await sessions.delete("key-0") } }
            #expect(sessions.copiesOwed == 0)
            #expect(try await redis.send(RedisCommand("EXISTS", name), timeout: .seconds(20)).decode(as: Int.self) == 0)
            await redis.close()
        }
    }

    @Test("are sent some hundred at once, however many wait")
    func batches() async throws {
        try await self.withSessions(mostOwed: 10_000) { servers, _, redis, sessions in
            sessions.owe((0..<1_200).map { "key-\($0)" })
            let before = redis.count
            try await sessions.delete("key-0")
            #expect(redis.count - before == 3)
            #expect(sessions.copiesOwed == 0)
        }
    }
}
