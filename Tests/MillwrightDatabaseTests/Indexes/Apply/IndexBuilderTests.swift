// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightTesting
import Testing

@testable import MillwrightDatabase

@Suite("Building indexes on a live server", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct IndexBuilderTests {
    @Test("An index is built, verified and journalled; the second run finds nothing to do; planning changes nothing")
    func builds() async throws {
        try await IndexSite.lend { site in
            try await site.run("CREATE TABLE \"Odd t\" (\"A b\" int, c text)")
            let statement = "CREATE INDEX ON \"Odd t\" (\"A b\" DESC, lower(c)) INCLUDE (c) WHERE \"A b\" > 0"

            let plans = try await IndexBuilder(PostgresConfiguration(site.url("app")))
                .plan(CreateIndex.parse(statement))
            #expect(try await site.indexes(of: "\"Odd t\"") == [])
            let built = try await site.build(statement)
            let again = try await site.build(statement)

            #expect(plans[0].plan.steps.map(\.kind) == [.build, .analyze])
            #expect(built.map(\.result) == [.built])
            #expect(built[0].bytes == 8192)
            #expect(again.map(\.result) == [.unchanged])
            #expect(try await site.indexes(of: "\"Odd t\"") == ["\"Odd t_A b_lower_c_idx\""])
            #expect(try await site.journal().map { $0.prefix(12) } == ["done: CREATE", "done: ANALYZ"])
        }
    }

    @Test("A long snapshot on another table: nothing is begun, and the run ends with 'try later'")
    func longSnapshot() async throws {
        try await IndexSite.lend { site in
            try await site.run("CREATE TABLE t (a int); CREATE TABLE other (a int)")
            let outcome = try await site.connected { old in
                try await old.run(script: "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM other")
                return try await site.build("CREATE INDEX ix ON t (a)")[0]
            }

            #expect(outcome.failure?.error.code == .tryLater)
            #expect(outcome.failure?.error.stopped.contains("older view") == true)
            #expect(try await site.indexes(of: "t") == [])
        }
    }

    @Test("A snapshot that is taken while the build runs: it is given up after the limit, and the remnant dropped")
    func snapshotInTheMiddle() async throws {
        try await IndexSite.lend { site in
            try await site.makeGatedTable()
            try await site.run("CREATE TABLE other (a int)")
            try await site.connected { old in
                let outcome = try await site.withGateClosed { gate in
                    async let building = site.build("CREATE INDEX ix ON t (gated(a))")
                    try await site.waitForBuild()
                    try await old.run(script: "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM other")
                    try await gate.open()
                    return try await building[0]
                }

                #expect(outcome.failure?.error.code == .tryLater)
                #expect(outcome.failure?.leftover == nil)
                #expect(try await site.indexes(of: "t") == [])
                try await old.run(script: "ROLLBACK")
            }
            #expect(try await site.journal().map { $0.prefix(14) } == ["failed: CREATE"])
            #expect(try await site.build("CREATE INDEX ix ON t (gated(a))").map(\.result) == [.built])
        }
    }

    @Test("An open writer: nothing is begun, the writer and its neighbours go on, and the run ends with 'try later'")
    func openWriter() async throws {
        try await IndexSite.lend { site in
            try await site.run("CREATE TABLE t (a int)")
            try await site.connected { writer in
                try await writer.run(script: "BEGIN; INSERT INTO t VALUES (1)")
                async let building = site.build("CREATE INDEX ix ON t (a)")
                try await writer.run(script: "SET LOCAL lock_timeout = '100ms'; INSERT INTO t VALUES (2)")
                try await site.run("SET lock_timeout = '100ms'; UPDATE t SET a = 3; SELECT count(*) FROM t")
                let outcome = try await building[0]

                #expect(outcome.failure?.error.code == .tryLater)
                #expect(outcome.failure?.error.stopped.contains("uses the table") == true)
                #expect(try await site.indexes(of: "t") == [])
                try await writer.run(script: "ROLLBACK")
            }
        }
    }

    @Test("A writer that comes in the middle and stays: what cannot be dropped is named, and the next run drops it")
    func writerInTheMiddle() async throws {
        try await IndexSite.lend { site in
            try await site.makeGatedTable()
            try await site.connected { writer in
                let outcome = try await site.withGateClosed { gate in
                    async let building = site.build("CREATE INDEX ix ON t (gated(a))")
                    try await site.waitForBuild()
                    try await writer.run(script: "BEGIN; LOCK TABLE t IN ROW EXCLUSIVE MODE")
                    try await gate.open()
                    return try await building[0]
                }

                #expect(outcome.failure?.error.code == .tryLater)
                #expect(outcome.failure?.leftover == "public.ix")
                #expect(outcome.failure?.error.next.contains("DROP INDEX CONCURRENTLY public.ix") == true)
                try await writer.run(script: "ROLLBACK")
            }
            #expect(try await site.indexes(of: "t") == ["ix (invalid)"])

            #expect(try await site.build("CREATE INDEX other ON t (b)").map(\.result) == [.built])

            #expect(try await site.indexes(of: "t") == ["other"])
            #expect(try await site.journal().map { $0.prefix(12) } == ["abandoned: C", "done: CREATE"])
        }
    }

    @Test("Whoever changes the table while the build runs waits no longer than the limit: the build gives way")
    func givesWay() async throws {
        try await IndexSite.lend { site in
            try await site.makeGatedTable()
            let (waited, outcome) = try await site.withGateClosed { _ in
                async let building = site.build("CREATE INDEX ix ON t (gated(a))")
                try await site.waitForBuild()
                let start = ContinuousClock.now
                try await site.run("ALTER TABLE t ADD COLUMN c int")
                return (ContinuousClock.now - start, try await building[0])
            }

            #expect(outcome.failure?.error.code == .tryLater)
            #expect(outcome.failure?.error.stopped.contains("queued") == true, "\(String(describing: outcome.failure))")
            // The gate was closed all the time: the build alone would never have ended.
            #expect(waited < .seconds(30))
            #expect(try await site.indexes(of: "t") == [])
        }
    }

    @Test("A build whose watching connection is lost is watched by a new one, and gives way as before")
    func watchIsLost() async throws {
        try await IndexSite.lend { site in
            try await site.makeGatedTable()
            let outcome = try await site.withGateClosed { _ in
                async let building = site.build("CREATE INDEX ix ON t (gated(a))")
                try await site.waitForBuild()
                try await site.endWatch()
                try await site.run("SET statement_timeout = '60s'; ALTER TABLE t ADD COLUMN c int")
                return try await building[0]
            }

            #expect(outcome.failure?.error.stopped.contains("queued") == true, "\(String(describing: outcome.failure))")
            #expect(outcome.failure?.leftover == nil)
            #expect(try await site.indexes(of: "t") == [])
            #expect(try await site.journal().map { $0.prefix(14) } == ["failed: CREATE"])
        }
    }

    @Test("Where no new connection is to be had to watch it, the build is cancelled, and what is left is named")
    func watchIsGone() async throws {
        try await IndexSite.lend { site in
            try await site.makeGatedTable()
            let limit = { (count: Int) in
                let name = try await site.connected(as: "postgres") {
                    try await $0.query("SELECT current_database()", as: String.self)[0]
                }
                try await site.run("ALTER DATABASE \(name) CONNECTION LIMIT \(count)", as: "postgres")
            }
            let outcome = try await site.withGateClosed { _ in
                async let building = site.build("CREATE INDEX ix ON t (gated(a))")
                try await site.waitForBuild()
                try await limit(0)
                try await site.endWatch()
                return try await building[0]
            }
            try await limit(-1)

            #expect(outcome.failure?.error.code == .unavailable)
            #expect(outcome.failure?.error.stopped.contains("watches it was lost") == true)
            #expect(outcome.failure?.leftover == "public.ix")
            #expect(try await site.indexes(of: "t") == ["ix (invalid)"])
            #expect(try await site.build("CREATE INDEX other ON t (b)").map(\.result) == [.built])
            #expect(try await site.indexes(of: "t") == ["other"])
        }
    }

    @Test("What a killed run has left and the server finishes by itself while the next waits to drop it stays")
    func becomesValid() async throws {
        try await IndexSite.lend { site in
            try await site.makeGatedTable()
            let statement = "CREATE INDEX CONCURRENTLY ix ON t (gated(a))"
            try await site.run(
                """
                INSERT INTO millwright.journal (run, command, step, subject, statement)
                VALUES (gen_random_uuid(), 'index', 1, 'public.ix', '\(statement)')
                """
            )
            let outcome = try await site.withGateClosed { gate in
                async let orphan: Void = site.run(statement)
                try await site.waitForBuild()
                let limits = IndexLimits(wait: .seconds(60), delay: .milliseconds(300), build: .seconds(60))
                async let building = site.build("CREATE INDEX other ON t (b)", limits: limits)
                try await site.waitFor(
                    """
                    SELECT FROM pg_stat_activity
                    WHERE datname = current_database() AND query LIKE 'DROP INDEX CONCURRENTLY%ix'
                    """
                )
                try await gate.open()
                try await orphan
                return try await building
            }

            #expect(outcome.map(\.result) == [.built])
            #expect(try await site.indexes(of: "t") == ["ix", "other"])
            #expect(try await site.journal().map { $0.prefix(12) } == ["done: CREATE", "done: CREATE"])
        }
    }

    @Test("An invalid leftover of the same name and definition is dropped and built again")
    func leftover() async throws {
        try await IndexSite.lend { site in
            try await site.run("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)")
            await #expect(throws: PostgresError.self) {
                try await site.run("CREATE UNIQUE INDEX CONCURRENTLY ix ON t (a)")
            }
            try await site.run("DELETE FROM t")

            let outcome = try await site.build("CREATE UNIQUE INDEX ix ON t (a)")[0]

            #expect(outcome.result == .built)
            #expect(try await site.indexes(of: "t") == ["ix"])
            #expect(try await site.journal().map { $0.prefix(10) } == ["done: DROP", "done: CREA"])
        }
    }

    @Test("The same name with another definition is refused and left as it is")
    func sameName() async throws {
        try await IndexSite.lend { site in
            try await site.run("CREATE TABLE t (a int, b int); CREATE INDEX ix ON t (b)")

            let outcome = try await site.build("CREATE INDEX ix ON t (a)")[0]

            #expect(outcome.failure?.error.code == .notWell)
            #expect(outcome.failure?.error.stopped == "An index of this name is there with another definition.")
            #expect(try await site.journal() == [])
        }
    }

    @Test("Duplicates under a unique index are listed, most frequent first, and the remnant is dropped")
    func duplicates() async throws {
        try await IndexSite.lend { site in
            try await site.run(
                """
                CREATE TABLE t (a int, b text);
                INSERT INTO t VALUES (1, 'x'), (1, 'X'), (2, 'y'), (2, 'Y'), (2, 'y'), (3, 'z'), (NULL, 'n'), (NULL, 'n')
                """
            )

            let outcome = try await site.build("CREATE UNIQUE INDEX ix ON t (a, lower(b)) WHERE a < 10")[0]

            #expect(outcome.failure?.error.code == .notWell)
            #expect(
                outcome.failure?.duplicates == [
                    DuplicateKey(key: "(2,y)", rows: 3), DuplicateKey(key: "(1,x)", rows: 2),
                ]
            )
            #expect(try await site.indexes(of: "t") == [])
        }
    }

    @Test("A statement that cannot be right is refused by a rehearsal: nothing real was touched")
    func rehearsal() async throws {
        try await IndexSite.lend { site in
            try await site.run("CREATE TABLE t (a int, b text)")

            for wrong in ["CREATE INDEX ON t (nothing)", "CREATE INDEX ON t (random())", "CREATE INDEX ON missing (a)"]
            {
                #expect(try await site.refusal(wrong)?.code == .notWell, "\(wrong)")
            }
            #expect(try await site.journal() == [])
        }
    }

    @Test("Without the right to it: 69, with what would cure it")
    func privileges() async throws {
        try await IndexSite.lend { site in
            try await site.run(
                "CREATE TABLE t (a int); GRANT SELECT ON t TO monitor; GRANT USAGE ON SCHEMA millwright TO monitor"
            )
            let closed = try await site.refusal("CREATE INDEX ON t (a)", as: "monitor")
            try await site.run("GRANT SELECT, INSERT, UPDATE ON millwright.journal TO monitor")
            let foreign = try await site.refusal("CREATE INDEX ON t (a)", as: "monitor")

            #expect(closed?.code == .unavailable)
            #expect(
                closed?.next == "GRANT USAGE ON SCHEMA millwright TO monitor; "
                    + "GRANT SELECT, INSERT, UPDATE ON millwright.journal TO monitor;"
            )
            #expect(foreign?.code == .unavailable)
            #expect(foreign?.stopped == "Only the owner of public.t may index it.")
            #expect(try await site.indexes(of: "t") == [])
        }
    }

    @Test("Two runs at a time: the second is told to try later")
    func oneAtATime() async throws {
        try await IndexSite.lend { site in
            try await site.makeGatedTable()
            let (first, second) = try await site.withGateClosed { gate in
                async let first = site.build("CREATE INDEX ix ON t (gated(a))")
                try await site.waitForBuild()
                let second = try await site.refusal("CREATE INDEX other ON t (b)")
                try await gate.open()
                return (try await first, second)
            }

            #expect(second?.code == .tryLater)
            #expect(first.map(\.result) == [.built])
        }
    }

    @Test("A quota on temporary files: the remnant is dropped, and the quota is named")
    func quota() async throws {
        try await IndexSite.lend { site in
            try await site.run(
                "CREATE TABLE t (a text); INSERT INTO t SELECT md5(i::text) FROM generate_series(1, 60000) AS i"
            )
            let name = try await site.connected { try await $0.query("SELECT current_database()", as: String.self)[0] }
            try await site.run("ALTER ROLE app IN DATABASE \(name) SET temp_file_limit = '100kB'", as: "postgres")
            try await site.run("ALTER ROLE app IN DATABASE \(name) SET maintenance_work_mem = '1MB'", as: "postgres")

            let outcome = try await site.build("CREATE INDEX ix ON t (a)")[0]

            #expect(outcome.failure?.error.code == .notWell)
            #expect(outcome.failure?.error.stopped.contains("temp_file_limit") == true)
            #expect(outcome.failure?.leftover == nil)
            #expect(try await site.indexes(of: "t") == [])
        }
    }

    @Test("A partitioned table: every part is indexed while it is written, and the whole becomes valid")
    func partitioned() async throws {
        try await IndexSite.lend { site in
            try await site.run(
                """
                CREATE TABLE t (a int, day date) PARTITION BY RANGE (day);
                CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
                CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM ('2026-02-01') TO ('2026-03-01') PARTITION BY LIST (a);
                CREATE TABLE t_2_1 PARTITION OF t_2 FOR VALUES IN (1);
                INSERT INTO t VALUES (1, '2026-01-05'), (1, '2026-02-05');
                """
            )

            let outcome = try await site.build("CREATE INDEX ix ON t (a)")[0]
            let again = try await site.build("CREATE INDEX ix ON t (a)")[0]

            #expect(outcome.result == .built)
            #expect(again.result == .unchanged)
            #expect(try await site.indexes(of: "t") == ["ix"])
            #expect(try await site.indexes(of: "t_2_1") == ["t_2_1_ix"])
        }
    }

    @Test("Cancelling a build drops what it had begun")
    func cancelled() async throws {
        try await IndexSite.lend { site in
            try await site.makeGatedTable()
            try await site.withGateClosed { _ in
                let building = Task { try await site.build("CREATE INDEX ix ON t (gated(a))") }
                try await site.waitForBuild()
                building.cancel()

                await #expect(throws: CancellationError.self) { try await building.value }
            }
            #expect(try await site.indexes(of: "t") == [])
            #expect(try await site.journal().map { $0.prefix(14) } == ["failed: CREATE"])
        }
    }
}
