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
