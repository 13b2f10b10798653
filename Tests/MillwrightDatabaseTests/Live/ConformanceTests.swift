// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightDatabase
import MillwrightPostgres
import MillwrightTesting
import Testing

@Suite("Every check on a live server", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct ConformanceTests {
    // Test servers run without fsync, which is worth a finding anywhere else. Each database that a test drops asks for a checkpoint,
    // which looks as if too little room for WAL had.
    private static let harmless: Set = [
        "settings.C001 fsync", "settings.C001 full_page_writes", "settings.W002 max_wal_size",
    ]

    @Test("On an empty database no check finds anything", arguments: ["app", "monitor", "nobody_role", "postgres"])
    func emptyDatabase(role: String) async throws {
        try await LiveDatabase.lend { database in
            let sections = try await database.sections(as: role)

            #expect(sections.marks.subtracting(Self.harmless) == [])
            #expect(sections.flatMap(\.outcomes).count == Checks.all.count)
        }
    }

    @Test("No check is stopped by names that need quotes, by our own schema, or by tables of nobody")
    func oddNames() async throws {
        try await LiveDatabase.lend { database in
            try await database.run(
                """
                CREATE SCHEMA "My S";
                CREATE TABLE "My S"."My ""T" ("Id" serial PRIMARY KEY, "Order" int REFERENCES "My S"."My ""T");
                CREATE INDEX "Odd ix" ON "My S"."My ""T" ("Order");
                CREATE INDEX "Odd ix 2" ON "My S"."My ""T" ("Order");
                CREATE SCHEMA millwright;
                CREATE TABLE millwright.index_history (index_name text, first_seen timestamptz, index_oid oid);
                CREATE TABLE millwright.twice (a int);
                CREATE INDEX ON millwright.twice (a);
                CREATE INDEX ON millwright.twice (a);
                CREATE TEMP TABLE passing (a int);
                """
            )

            let sections = try await database.sections(as: "postgres")

            #expect(sections.marks.filter { $0.hasPrefix("indexes.W010") } == ["indexes.W010 \"My S\".\"Odd ix 2\""])
            #expect(sections.marks.filter { $0.contains("millwright") } == [])
        }
    }

    @Test("A role that may not see enough does not know, and is told the GRANT that would let it")
    func privileges() async throws {
        try await LiveDatabase.lend { database in
            try await database.run(
                """
                CREATE TABLE hidden (id serial PRIMARY KEY, note text);
                INSERT INTO hidden (note) SELECT md5(i::text) FROM generate_series(1, 60000) AS i;
                CREATE INDEX hidden_note ON hidden (note);
                """
            )
            try await database.run("VACUUM ANALYZE")

            let seen = try await database.sections(as: "nobody_role")

            for name in [
                "bloated-indexes", "xmin-horizon", "idle-transactions", "connection-saturation", "idle-connections",
                "expiring-sequences",
            ] {
                guard case .unknown(_, let cure) = seen.verdict(of: name) else {
                    Issue.record("\(name) should not know: \(String(describing: seen.verdict(of: name)))")
                    continue
                }
                #expect(cure?.hasPrefix("GRANT ") == true && cure?.hasSuffix(" TO nobody_role;") == true)
            }
        }
    }

    @Test("A lock on a table stops no check, and no check waits for it")
    func lockedTable() async throws {
        try await LiveDatabase.lend { database in
            try await database.run("CREATE TABLE locked (id serial PRIMARY KEY, a int); CREATE INDEX ON locked (a)")
            // Whoever waited for the lock would say so: it is held until all have come back.
            try await database.connected { holder in
                try await holder.run(script: "BEGIN; LOCK TABLE locked IN ACCESS EXCLUSIVE MODE")
                let sections = try await database.sections()
                let outcomes = sections.flatMap(\.outcomes)
                #expect(
                    outcomes.filter {
                        if case .unknown(let reason, _) = $0.verdict { reason.contains("lock") } else { false }
                    } == []
                )
                try await holder.run(script: "ROLLBACK")
            }
        }
    }

    @Test("Every statement says whose it is")
    func tags() async throws {
        try await LiveDatabase.lend { database in
            try await database.run("CREATE TABLE t (id serial PRIMARY KEY, a int); CREATE INDEX ON t (a)")
            _ = try await database.sections(as: "monitor")

            let untagged = try await database.connected(as: "postgres") { connection in
                try await connection.query(
                    """
                    SELECT s.query FROM pg_stat_statements AS s
                    JOIN pg_database AS d ON d.oid = s.dbid JOIN pg_roles AS r ON r.oid = s.userid
                    WHERE d.datname = current_database() AND r.rolname = 'monitor' AND s.query LIKE '%SELECT%'
                      AND s.query NOT LIKE '/* millwright:%'
                    """
                ).map { try $0.get(0, as: String.self) }
            }
            // The driver reads its server's facts once.
            #expect(untagged.filter { !$0.contains("server_version_num") } == [])
        }
    }
}
