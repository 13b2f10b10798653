// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightDatabase
import MillwrightPostgres
import MillwrightTesting
import Testing

@Suite(
    "Dropping indexes so that they can be had again",
    .enabled(if: TestServers.areAvailable),
    .timeLimit(.minutes(2))
)
struct IndexDropTests {
    private func builder(_ site: IndexSite) -> IndexBuilder {
        IndexBuilder(PostgresConfiguration(site.url("app")), limits: IndexSite.limits)
    }

    @Test("Dropped indexes come back with the definition they had, the statistics of an expression stay meanwhile")
    func dropAndUndo() async throws {
        try await IndexSite.lend { site in
            try await site.run(
                """
                CREATE TABLE t (a int, b text); CREATE INDEX "Ix 1" ON t (a DESC) WHERE a > 0;
                CREATE INDEX ix2 ON t (lower(b));
                """
            )
            let definition: SQL = "SELECT pg_get_indexdef('\"Ix 1\"'::regclass)"
            let before = try await site.connected { try await $0.query(definition, as: String.self)[0] }

            let dropped = try await self.builder(site).drop(["public.\"Ix 1\"", "public.ix2"])
            let left = try await site.indexes(of: "t")
            let statistics = try await site.connected {
                try await $0.query("SELECT count(*) FROM pg_statistic_ext", as: Int.self)[0]
            }
            let planned = try await self.builder(site).planUndo()
            let undone = try await self.builder(site).undoDrops()
            let after = try await site.connected { try await $0.query(definition, as: String.self)[0] }
            let nothing = try await self.builder(site).undoDrops()

            #expect(dropped.map(\.result) == [.dropped, .dropped])
            #expect(left == [])
            #expect(statistics == 1)
            #expect(planned.count == 2)
            #expect(undone.map(\.result) == [.built, .built])
            #expect(after == before)
            #expect(nothing == [])
        }
    }

    @Test("An index of expressions whose drop was given up once can be dropped the next time")
    func again() async throws {
        try await IndexSite.lend { site in
            try await site.run("CREATE TABLE t (a text); CREATE INDEX ix ON t (lower(a))")
            let blocked = try await site.connected { reader in
                try await reader.run(script: "BEGIN; LOCK TABLE t IN ACCESS SHARE MODE")
                return try await self.builder(site).drop(["public.ix"])
            }

            let dropped = try await self.builder(site).drop(["public.ix"])

            #expect(blocked[0].failure?.error.code == .tryLater)
            #expect(dropped.map(\.result) == [.dropped])
        }
    }

    @Test("What was dropped of a table that is gone is written off, and what was dropped before comes back")
    func tableIsGone() async throws {
        try await IndexSite.lend { site in
            try await site.run(
                "CREATE TABLE t (a int); CREATE INDEX ix ON t (a); CREATE TABLE gone (a int); CREATE INDEX lost ON gone (a)"
            )
            _ = try await self.builder(site).drop(["public.ix"])
            _ = try await self.builder(site).drop(["public.lost"])
            try await site.run("DROP TABLE gone")

            let planned = try await self.builder(site).planUndo()
            let undone = try await self.builder(site).undoDrops()
            let nothing = try await self.builder(site).undoDrops()

            #expect(planned.map(\.plan.steps.count) == [0, 1])
            #expect(undone.map(\.result) == [.unchanged, .built])
            #expect(undone[0].note == "Its table is gone: it cannot be had again.")
            #expect(nothing == [])
            #expect(try await site.indexes(of: "t") == ["ix"])
        }
    }

    @Test(
        "What was dropped of a column that is gone is written off, whether it was a key, in an expression or a condition"
    )
    func columnIsGone() async throws {
        try await IndexSite.lend { site in
            try await site.run(
                """
                CREATE TABLE t (a int, b int, "Odd" text); CREATE INDEX ix ON t (a); CREATE INDEX key ON t (a, b);
                CREATE INDEX expression ON t (lower("Odd")); CREATE INDEX condition ON t (a) WHERE b > 0
                """
            )
            _ = try await self.builder(site).drop(["public.ix", "public.key", "public.expression", "public.condition"])
            try await site.run(#"ALTER TABLE t DROP b, DROP "Odd""#)

            let planned = try await self.builder(site).planUndo()
            let undone = try await self.builder(site).undoDrops()
            let nothing = try await self.builder(site).undoDrops()

            #expect(planned.map(\.plan.steps.count) == [0, 0, 0, 1])
            #expect(undone.map(\.result) == [.unchanged, .unchanged, .unchanged, .built])
            #expect(undone[0].note == "The column b of its table is gone: it cannot be had again.")
            #expect(undone[1].note == #"The column "Odd" of its table is gone: it cannot be had again."#)
            #expect(nothing == [])
            #expect(try await site.indexes(of: "t") == ["ix"])
        }
    }

    @Test(
        "What locks a partitioned table is bounded as a whole, not for each of its locks; what locks nobody out is not"
    )
    func partitioned() async throws {
        try await IndexSite.lend { site in
            try await site.run(
                """
                CREATE TABLE t (a int) PARTITION BY LIST (a); CREATE TABLE t_1 PARTITION OF t FOR VALUES IN (1);
                CREATE TABLE seen (tag text, bound text)
                """
            )
            try await site.run(
                """
                CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF current_query() ~ 'CONCURRENTLY|pg_temp' THEN RETURN; END IF;
                    INSERT INTO public.seen VALUES (tg_tag, current_setting('statement_timeout'));
                END $$;
                CREATE EVENT TRIGGER noting ON ddl_command_start
                WHEN TAG IN ('CREATE INDEX', 'ALTER INDEX', 'DROP INDEX') EXECUTE FUNCTION note();
                """,
                as: "postgres"
            )

            var limits = IndexSite.limits
            limits.delay = .seconds(9)
            let built = try await site.build("CREATE INDEX ix ON t (a)", limits: limits)
            let builder = IndexBuilder(PostgresConfiguration(site.url("app")), limits: limits)
            let dropped = try await builder.drop(["public.ix"])

            #expect(built.map(\.result) == [.built] && dropped.map(\.result) == [.dropped])
            let seen = try await site.connected {
                try await $0.query("SELECT tag, bound FROM seen", as: (String, String).self)
            }
            #expect(seen.map(\.0) == ["CREATE INDEX", "ALTER INDEX", "DROP INDEX"])
            #expect(seen.map(\.1) == ["9s", "9s", "9s"])
        }
    }

    @Test("An index that enforces something is refused before anything is dropped")
    func refused() async throws {
        try await IndexSite.lend { site in
            try await site.run("CREATE TABLE t (a int PRIMARY KEY, b int); CREATE INDEX ix ON t (b)")

            await #expect(throws: ToolError.self) {
                _ = try await self.builder(site).drop(["public.ix", "public.t_pkey"])
            }
            #expect(try await site.indexes(of: "t") == ["ix", "t_pkey"])
        }
    }

    @Test("A drop that was killed half-way is finished by the next run")
    func killed() async throws {
        try await IndexSite.lend { site in
            try await site.run("CREATE TABLE t (a int, b int); CREATE INDEX ix ON t (a)")
            // As DROP INDEX CONCURRENTLY leaves it while it waits.
            try await site.run(
                "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix'::regclass",
                as: "postgres"
            )
            try await site.run(
                """
                INSERT INTO millwright.journal (run, command, step, subject, statement, undo)
                VALUES (gen_random_uuid(), 'index', 1, 'public.ix', 'DROP INDEX CONCURRENTLY public.ix',
                        'CREATE INDEX ix ON public.t USING btree (a)')
                """
            )

            let outcome = try await site.build("CREATE INDEX other ON t (b)")

            #expect(outcome.map(\.result) == [.built])
            #expect(try await site.indexes(of: "t") == ["other"])
            #expect(try await site.journal().map { $0.prefix(9) } == ["done: DRO", "done: CRE"])
        }
    }
}
