// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting
import Testing

@testable import MillwrightDatabase

@Suite("Building indexes where it cannot go well", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct IndexServersTests {
    @Test("A standby and a pooler that swaps connections are refused with the reason, and nothing is changed")
    func standbyAndPooler() async throws {
        var plan = SandboxPlan.postgresOnly
        plan.standby = true
        plan.pgbouncer = true
        let servers = try await TestServers.private(plan)
        let primary = IndexSite { _ in servers.postgresURL }
        try await primary.makeJournal()
        try await primary.run("CREATE TABLE t (a int)")

        var errors: [ToolError?] = []
        for url in [servers.state.standbyURL, servers.state.pgbouncerURL] {
            errors.append(try await IndexSite { _ in url ?? "" }.refusal("CREATE INDEX ix ON t (a)"))
        }
        let left = try await primary.indexes(of: "t")
        try await servers.remove()

        #expect(errors.map(\.?.code) == [.unavailable, .unavailable])
        #expect(errors[0]?.stopped.contains("standby") == true)
        #expect(errors[1]?.stopped.contains("pool_mode = transaction") == true)
        #expect(left == [])
    }

    @Test(
        "A disk that is full: the remnant is dropped, and what is missing is said",
        .enabled(if: SmallDisk.isPossible)
    )
    func fullDisk() async throws {
        let disk = try SmallDisk()
        defer { disk.remove() }
        let servers = try await TestServers.private(.postgresOnly)
        let site = IndexSite { _ in servers.postgresURL }
        let superuser = IndexSite { _ in servers.superuserURL }
        try await site.makeJournal()
        try await site.run(
            "CREATE TABLE t (a text); INSERT INTO t SELECT md5(i::text) FROM generate_series(1, 60000) AS i"
        )
        let data = try await superuser.connected { try await $0.query("SHOW data_directory", as: String.self)[0] }
        try disk.give(toOwnerOf: data)
        try await superuser.run("CREATE TABLESPACE small LOCATION \(literal(disk.path))")
        try await superuser.run(
            "GRANT CREATE ON TABLESPACE small TO app; ALTER ROLE app SET default_tablespace = small"
        )

        let outcome = try await site.build("CREATE INDEX ix ON t (a)")[0]
        let left = try await site.indexes(of: "t")
        let files = try await superuser.connected { connection in
            try await connection.query(
                "SELECT count(*) FROM pg_class WHERE reltablespace = (SELECT oid FROM pg_tablespace WHERE spcname = 'small')",
                as: Int.self
            )[0]
        }
        let written = try await site.connected { try await $0.execute("INSERT INTO t VALUES ('after')") }
        try await servers.remove()

        #expect(outcome.failure?.error.code == .notWell)
        #expect(outcome.failure?.error.stopped == "The disk, or the space this server may take of it, is full.")
        #expect(outcome.failure?.leftover == nil)
        #expect(left == [])
        #expect(files == 0)
        #expect(written == 1)
    }

    @Test("Autovacuum, which gives way only to who has waited for a second, keeps no index from being dropped")
    func autovacuum() async throws {
        let servers = try await TestServers.private(.postgresOnly)
        let site = IndexSite { _ in servers.postgresURL }
        let superuser = IndexSite { _ in servers.superuserURL }
        try await site.makeJournal()
        try await superuser.run("ALTER SYSTEM SET autovacuum_naptime = '1s'")
        try await superuser.run("SELECT pg_reload_conf()")
        // page by page, with a tenth of a second between: more than a minute
        try await site.run(
            """
            CREATE TABLE t (a int, note text) WITH (
                autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0,
                autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1);
            INSERT INTO t SELECT i, repeat('x', 200) FROM generate_series(1, 30000) AS i;
            CREATE INDEX ix ON t (a);
            """
        )
        try await site.run("DELETE FROM t WHERE a % 3 = 0")
        try await superuser.connected { connection in
            while try await connection.query("SELECT FROM pg_stat_progress_vacuum WHERE relid = 't'::regclass").isEmpty
            {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        let limits = IndexLimits(wait: .seconds(20), delay: .milliseconds(200), build: .seconds(60))

        let outcomes = try await IndexBuilder(PostgresConfiguration(servers.postgresURL), limits: limits)
            .drop(["public.ix"])

        #expect(outcomes.map(\.result) == [.dropped], "\(String(describing: outcomes.first?.failure))")
        #expect(try await site.indexes(of: "t") == [])
        try await servers.remove()
    }

    @Test("The server is killed in the middle: the next run cleans up and builds")
    func killedServer() async throws {
        let servers = try await TestServers.private(.postgresOnly)
        let site = IndexSite { _ in servers.postgresURL }
        try await site.makeJournal()
        try await site.makeGatedTable()
        let outcome = try await site.withGateClosed { _ in
            let building = Task { try await site.build("CREATE INDEX ix ON t (gated(a))") }
            try await IndexSite { _ in servers.superuserURL }.waitForBuild()
            // Test servers do not wait for the disk; so what the build has begun is there after the kill.
            try await IndexSite { _ in servers.superuserURL }.run("CHECKPOINT")
            try await servers.server("postgres").kill()
            return try? await building.value
        }
        try await servers.server("postgres").restart()
        #expect(outcome?.last?.failure?.leftover == "public.ix" || outcome == nil)
        #expect(try await site.indexes(of: "t") == ["ix (invalid)"])

        let again = try await site.build("CREATE INDEX ix ON t (gated(a))")

        #expect(again.map(\.result) == [.built])
        #expect(try await site.indexes(of: "t") == ["ix"])
        #expect(try await site.journal().map { $0.prefix(9) } == ["abandoned", "done: CRE", "done: ANA"])
        try await servers.remove()
    }
}
