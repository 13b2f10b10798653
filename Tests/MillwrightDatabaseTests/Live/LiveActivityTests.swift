// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightDatabase
import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("Vacuum, locks and sequences on a live server", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct LiveActivityTests {
    @Test("A table full of dead rows that autovacuum may not touch is due, and one that was never analysed overdue")
    func vacuum() async throws {
        try await LiveDatabase.lend { database in
            try await database.run(
                """
                CREATE TABLE dead (id int PRIMARY KEY) WITH (autovacuum_enabled = 'no');
                INSERT INTO dead SELECT i FROM generate_series(1, 20000) AS i;
                CREATE TABLE lax (id int) WITH (autovacuum_vacuum_scale_factor = 50);
                INSERT INTO lax SELECT i FROM generate_series(1, 40000) AS i;
                """
            )
            try await database.run("VACUUM ANALYZE")
            try await database.run("DELETE FROM dead WHERE id % 2 = 0; SELECT pg_stat_force_next_flush();")
            try await database.run("DELETE FROM lax WHERE id % 2 = 0; SELECT pg_stat_force_next_flush();")

            let sections = try await database.sections(of: [.vacuum])

            #expect(sections.marks == ["vacuum.W003 public.dead", "vacuum.W002 public.lax", "vacuum.W020 public.lax"])
            #expect(sections[0].tables.contains { $0.key == "vacuum_schedule" && $0.rows.count == 2 })
        }
    }

    @Test("An idle transaction is named with what it holds, and whoever waits behind it is told who is at the root")
    func locks() async throws {
        try await LiveDatabase.lend { database in
            try await database.run("CREATE TABLE contested (id int); INSERT INTO contested VALUES (1)")
            let thresholds = ["idle-transactions": ["minimumAge": "0s"], "blocked-queries": ["minimumWait": "0s"]]
            let sections = try await database.connected { idle in
                try await idle.run(script: "BEGIN; UPDATE contested SET id = 2")
                let waiter = Task {
                    try await database.connected { try await $0.run(script: "UPDATE contested SET id = 3") }
                }
                try await database.waitUntilSomebodyWaits()
                let sections = try await database.sections(of: [.locks, .vacuum], thresholds: thresholds)
                let pid = await idle.backendPID
                try await idle.run(script: "ROLLBACK")
                try await waiter.value
                #expect(sections.marks.contains("locks.W010 session \(pid)"))
                #expect(sections.marks.contains("locks.W001 session \(pid)"))
                return sections
            }
            let facts = sections[0].outcomes.flatMap(\.verdict.findings).flatMap(\.evidence)
            #expect(facts.contains(Evidence("holds back vacuum", true)))
        }
    }

    @Test("A bigint sequence ends where its integer column ends")
    func sequences() async throws {
        try await LiveDatabase.lend { database in
            try await database.run(
                """
                CREATE TABLE narrow (id serial, "Odd id" smallint);
                ALTER SEQUENCE narrow_id_seq AS bigint;
                SELECT setval('narrow_id_seq', 2000000000);
                CREATE SEQUENCE "Odd seq" OWNED BY narrow."Odd id";
                SELECT setval('"Odd seq"', 26000);
                CREATE SEQUENCE young;
                """
            )

            let sections = try await database.sections(of: [.sequences])

            #expect(
                sections.marks == ["sequences.E002 public.narrow_id_seq", "sequences.W001 public.\"Odd seq\""]
            )
        }
    }

    @Test("After a crash nobody calls an index unused or a table free of dead rows")
    func crash() async throws {
        let servers = try await TestServers.private(.postgresOnly)
        defer { Task { try? await servers.remove() } }
        let load = try await PostgresConnection.connect(PostgresConfiguration(servers.postgresURL))
        try await load.run(
            script: """
                CREATE TABLE busy (id int PRIMARY KEY, other int) WITH (autovacuum_enabled = off);
                INSERT INTO busy SELECT i, i FROM generate_series(1, 50000) AS i;
                CREATE INDEX busy_other ON busy (other);
                """
        )
        try await load.run(script: "ANALYZE busy")
        try await load.run(script: "DELETE FROM busy WHERE id > 20000")
        await load.close()
        // Test servers do not wait for the disk; a checkpoint makes sure that the crash takes the counters only.
        let superuser = try await PostgresConnection.connect(PostgresConfiguration(servers.superuserURL))
        try await superuser.run(script: "CHECKPOINT")
        await superuser.close()

        try await servers.server("postgres").kill()
        try await servers.server("postgres").restart()

        let connection = try await PostgresConnection.connect(PostgresConfiguration(servers.postgresURL))
        let thresholds = ["unused-indexes": ["minimumWindow": "1h", "minimumBytes": "0"]]
        let sections = try await Checkup(checks: Checks.all(with: thresholds))
            .sections(of: [.indexes, .vacuum], on: connection)
        await connection.close()

        for name in ["unused-indexes", "overdue-vacuum", "dead-tuples"] {
            let verdict = try #require(sections.verdict(of: name))
            guard case .unknown(_, let cure) = verdict else {
                Issue.record("\(name) should not know: \(verdict)")
                continue
            }
            #expect(cure != nil)
        }
    }

    @Test("On a standby every check answers, and says of vacuum that it does not know")
    func standby() async throws {
        var plan = SandboxPlan.postgresOnly
        plan.standby = true
        let servers = try await TestServers.private(plan)
        defer { Task { try? await servers.remove() } }

        for role in ["app", "nobody_role"] {
            let url = try #require(servers.state.url(of: "standby", role: role))
            let connection = try await PostgresConnection.connect(PostgresConfiguration(url))
            let sections = try await Checkup().sections(on: connection)
            await connection.close()

            for outcome in sections.flatMap(\.outcomes) {
                guard case .unknown(let reason, _) = outcome.verdict else { continue }
                #expect(!reason.contains("SQLSTATE"), "\(outcome.name): \(reason)")
            }
            guard case .unknown(_, let cure) = sections.verdict(of: "overdue-vacuum") else {
                Issue.record("It should not know.")
                continue
            }
            #expect(cure == "Ask the primary.")
        }
    }

    @Test(
        "An index whose concurrent build was given up is written and not read; one that is being built is left alone"
    )
    func abandonedBuild() async throws {
        try await LiveDatabase.lend { database in
            try await database.run("CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 100)")
            try await database.connected { old in
                try await old.run(script: "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_class")
                let build = Task {
                    try await database.connected { connection in
                        try await connection.run(script: "CREATE INDEX CONCURRENTLY abandoned ON t (a)")
                    }
                }
                try await database.waitUntilSomebodyWaits()
                let during = try await database.sections(of: [.indexes])
                #expect(during.marks == [])
                try await old.run(
                    script: """
                        SELECT pg_cancel_backend(pid) FROM pg_stat_activity
                        WHERE query LIKE 'CREATE INDEX CONCURRENTLY abandoned%' AND state = 'active'
                        """
                )
                await #expect(throws: PostgresError.self) { try await build.value }
                try await old.run(script: "ROLLBACK")
            }

            let after = try await database.sections(of: [.indexes])

            #expect(after.marks == ["indexes.E001 public.abandoned"])
        }
    }
}
