// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting
import Testing

@testable import MillwrightHealth

@Suite("Health of standby, pooler and pool", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct LiveCompanionsTests {
    private static let patient = HealthSchedule(deadline: .seconds(20))

    @Test("A standby that follows has no lag; one whose replay stands still is behind, and writers are refused there")
    func standby() async throws {
        var plan = SandboxPlan.postgresOnly
        plan.standby = true
        let servers = try await TestServers.private(plan)
        let standby = ReservedConnection(PostgresConfiguration(try #require(servers.state.standbyURL)))
        var replica = DatabaseHealth("replica", server: standby, isReplica: true, schedule: Self.patient)
        let primary = try await PostgresConnection.connect(PostgresConfiguration(servers.superuserURL))
        let replay = try await PostgresConnection.connect(
            PostgresConfiguration(try #require(servers.state.url(of: "standby", role: "postgres")))
        )
        func lag() async throws -> Double? {
            let result = try await replica.run()
            guard case .number(let seconds)? = result.facts.first(where: { $0.name == "lag_seconds" })?.value else {
                return nil
            }
            return seconds
        }

        while try await lag() != 0 { try await Task.sleep(for: .milliseconds(20)) }
        // A transaction that was replayed says how old the last one is.
        try await primary.execute("CREATE TABLE followed (id int)")
        let seen = "SELECT count(*) FROM pg_class WHERE relname = 'followed'"
        while try await replay.query(script: seen).first?.get(0, as: Int.self) != 1 {
            try await Task.sleep(for: .milliseconds(20))
        }
        try await replay.execute("SELECT pg_wal_replay_pause()")
        try await primary.execute("CREATE TABLE behind (id int)")
        replica.warnLag = .milliseconds(1)

        while try await replica.run().code != "postgres.replica_lagging" {
            try await Task.sleep(for: .milliseconds(20))
        }
        let writer = DatabaseHealth("writer", server: standby, schedule: Self.patient)
        #expect(try await writer.run().code == "postgres.read_only")
        await primary.close()
        await replay.close()
        await standby.close()
        try await servers.remove()
    }

    @Test("PgBouncer's console is read, clients that wait are counted, and one that is gone is unreachable")
    func bouncer() async throws {
        var plan = SandboxPlan.postgresOnly
        plan.pgbouncer = true
        let servers = try await TestServers.private(plan)
        let url = try #require(servers.state.url(of: "pgbouncer", database: "pgbouncer"))
        let console = ReservedConnection(PostgresConfiguration(url))
        let check = PgBouncerHealth(console: console, schedule: Self.patient)

        let quiet = try await check.run()
        try await servers.server("pgbouncer").kill()
        let gone = try await check.run()

        #expect(quiet.status == .pass && quiet.facts.contains(Evidence("clients_waiting", 0)))
        #expect(gone.status == .fail && gone.code == "pgbouncer.unreachable")
        await console.close()
        try await servers.remove()
    }

    @Test("A full pool is a warning that waits for nobody, and a free one is tried")
    func pool() async throws {
        let servers = try await TestServers.shared()
        var configuration = PostgresConfiguration(servers.postgresURL)
        configuration.maximumConnections = 1
        let pool = PostgresClient(configuration)
        let check = DatabasePoolHealth(pool: pool, schedule: Self.patient)

        let free = try await check.run()
        let full = try await pool.withConnection { _ in try await check.run() }

        #expect(free.status == .pass)
        #expect(full.status == .warn && full.code == "postgres.pool_busy")
        await pool.close()
    }

    @Test("Transaction ids of a fresh server are far from their end")
    func transactionIDs() async throws {
        let servers = try await TestServers.shared()
        let server = ReservedConnection(PostgresConfiguration(servers.postgresURL))

        let result = try await TransactionIDHealth(server: server, schedule: Self.patient).run()

        #expect(result.status == .pass && result.facts.map(\.name) == ["usage_percent", "oldest_age"])
        await server.close()
    }

    @Test("A connection without TLS has no certificate to expire")
    func noCertificate() async throws {
        let servers = try await TestServers.shared()
        let server = ReservedConnection(PostgresConfiguration(servers.postgresURL))

        let result = try await CertificateHealth(database: "default", server: server, deadline: .seconds(20)).run()

        #expect(result == .pass([Evidence("tls", false)]))
        await server.close()
    }

    @Test("The certificate of a TLS connection is read, and one that ends in ten days is a warning")
    func certificate() async throws {
        var plan = SandboxPlan.postgresOnly
        plan.postgresPort = 0
        let servers = try await TestServers.private(plan)
        let superuser = try await PostgresConnection.connect(PostgresConfiguration(servers.superuserURL))
        // The server's own user writes both files, so that it may read its key.
        let program = """
            openssl req -x509 -newkey rsa:2048 -nodes -days 10 -subj /CN=localhost -keyout server.key -out server.crt \
            2>&1 && chmod 600 server.key
            """
        try await superuser.run(script: "COPY (SELECT) TO PROGRAM '\(program)'")
        try await superuser.run(script: "ALTER SYSTEM SET ssl = on")
        try await superuser.run(script: "ALTER ROLE app PASSWORD 'secret'; SELECT pg_reload_conf()")
        await superuser.close()
        let port = try #require(servers.state["postgres"]?.port)
        let url = "host=127.0.0.1 port=\(port) user=app dbname=app password=secret sslmode=require"
        let server = ReservedConnection(PostgresConfiguration(url))
        let check = CertificateHealth(database: "default", server: server, deadline: .seconds(20))

        // A reload takes a moment; until then the server refuses TLS.
        var result = try await check.run()
        while result.status == .fail {
            try await Task.sleep(for: .milliseconds(20))
            result = try await check.run()
        }

        #expect(result.status == .warn && result.code == "certificate.expires")
        guard case .number(let days)? = result.facts.first(where: { $0.name == "days_left" })?.value else {
            Issue.record("no days_left in \(result)")
            return
        }
        #expect((9...10).contains(days))
        await server.close()
        try await servers.remove()
    }
}
