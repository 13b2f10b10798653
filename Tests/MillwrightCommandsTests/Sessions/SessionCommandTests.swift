// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Migrations
import MillwrightCaching
import MillwrightCommands
import MillwrightCore
import MillwrightPostgres
import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting
import MillwrightToolkit
import Testing

@Suite("session_failover and clearsessions", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct SessionCommandTests {
    private func withServers(_ body: (TestServers, [String: String]) async throws -> Void) async throws {
        let servers = try await TestServers.private(SandboxPlan())
        let environment = [
            "DATABASE_URL": servers.postgresURL, "REDIS_URL": servers.redisURL,
            "MILLWRIGHT_SESSIONS_CACHE_ALIAS": "default", "MILLWRIGHT_SESSIONS_DATABASE": "default",
        ]
        try await body(servers, environment)
        try await servers.remove()
    }

    private func withNode(_ servers: TestServers, _ body: (SessionStore) async throws -> Void) async throws {
        var settings = Settings(sessions: SessionSettings(cacheAlias: "default", database: "default"))
        settings.databases["default"] = DatabaseSettings(alias: "default", url: Secret(servers.postgresURL))
        settings.caches["default"] = CacheSettings(alias: "default", location: Secret(servers.redisURL))
        let toolkit = Toolkit(settings: settings)
        let store = try toolkit.sessions()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await store.run() }
            defer { group.cancelAll() }
            while !store.standing.usesCopy { try await Task.sleep(for: .milliseconds(5)) }
            try await body(store)
        }
        await toolkit.close()
    }

    @Test("The status shows the nodes, force takes Redis out and puts it back, a drill measures, the history tells")
    func failover() async throws {
        try await self.withServers { servers, environment in
            #expect(await run("session_failover", environment: environment).code == .unavailable)
            try await MigrationRunner(PostgresConfiguration(servers.postgresURL)).migrate()
            #expect(await run("session_failover", "status", environment: environment).code == .unavailable)
            let early = await run("session_failover", "force", "database", environment: environment)
            #expect(early.code == .unavailable && early.stderr.contains("No process has served sessions"))
            try await self.withNode(servers) { store in
                let id = try await store.create(["n": .int(1)]).id
                let well = await run("session_failover", "status", "--fail-level", "warning", environment: environment)
                #expect(well.code == .ok && well.stdout.contains("trusted") && well.stdout.contains(store.node))

                let forced = await run("session_failover", "force", "database", environment: environment)
                #expect(forced.code == .ok)
                #expect(!store.standing.usesCopy)
                let out = await run(
                    "session_failover",
                    "status",
                    "--fail-level",
                    "warning",
                    "--format",
                    "json",
                    environment: environment
                )
                #expect(out.code == .notWell && out.stdout.contains("sessions.W002"))
                #expect(await run("session_failover", "force", "auto", environment: environment).code == .ok)
                while !store.standing.usesCopy { try await Task.sleep(for: .milliseconds(5)) }

                async let reading: Void = Self.read(id, from: store, for: .seconds(2))
                let drill = await run(
                    "session_failover",
                    "drill",
                    "--share",
                    "0.5",
                    "--time",
                    "2s",
                    "--format",
                    "json",
                    environment: environment
                )
                try await reading
                #expect(drill.code == .ok, "\(drill.stdout) \(drill.stderr)")
                #expect(store.standing.figures.drillReads > 0)

                let history = await run("session_failover", "history", "--format", "csv", environment: environment)
                #expect(
                    history.stdout.contains("forced: database") && history.stdout.contains("every node writes to it")
                )
            }
            #expect(await run("session_failover", "force", "sideways", environment: environment).code == .usage)
            #expect(await run("session_failover", "history", "--limit", "0", environment: environment).code == .usage)
            #expect(await run("session_failover", "drill", "--share", "0", environment: environment).code == .usage)
            #expect(await run("session_failover", "drill", "--time=-1s", environment: environment).code == .usage)
        }
    }

    private static func read(_ id: SessionID, from store: SessionStore, for time: Duration) async throws {
        let end = ContinuousClock.now + time
        while ContinuousClock.now < end {
            #expect(try await store.read(id) != nil)
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    @Test("clearsessions deletes what has expired and nothing else; a second run at the same time ends with 75")
    func clears() async throws {
        try await self.withServers { servers, environment in
            #expect(await run("clearsessions", environment: environment).code == .ok)
            try await MigrationRunner(PostgresConfiguration(servers.postgresURL)).migrate()
            let database = PostgresClient(PostgresConfiguration(servers.postgresURL))
            try await database.execute(
                """
                INSERT INTO millwright.sessions (key, payload, expires_at)
                SELECT 'k' || n, 'J{}', now() + (n % 10 - 4.5) * interval '1 hour' FROM generate_series(0, 4999) AS n
                """
            )
            let dry = await run("clearsessions", "--dry-run", "--format", "json", environment: environment)
            #expect(dry.code == .ok && dry.stdout.contains("2500"))
            #expect(try await database.query("SELECT count(*) FROM millwright.sessions", as: Int.self) == [5_000])

            let connection = try await PostgresConnection.connect(database.configuration)
            #expect(try await ExpiredSessions().takeLock(on: connection))
            #expect(await run("clearsessions", environment: environment).code == .tryLater)
            await connection.close()

            let locked = try await PostgresConnection.connect(database.configuration)
            try await locked.withTransaction { locked in
                _ = try await locked.query("SELECT key FROM millwright.sessions WHERE key = 'k0' FOR UPDATE")
                // The lock of the first connection ends with its session, a moment after its end.
                while await run("clearsessions", "--batch", "100", environment: environment).code == .tryLater {}
            }
            await locked.close()
            #expect(
                try await database.query(
                    "SELECT key FROM millwright.sessions WHERE expires_at < now()",
                    as: String.self
                ) == ["k0"]
            )
            #expect(await run("clearsessions", environment: environment).code == .ok)
            #expect(
                try await database.query(
                    "SELECT count(*), count(*) FILTER (WHERE expires_at > now()) FROM millwright.sessions",
                    as: (Int, Int).self
                )[0] == (2_500, 2_500)
            )
            await database.close()
        }
    }
}
