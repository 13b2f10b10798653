// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightTesting
import Testing

@testable import MillwrightDatabase

@Suite(
    "Indexes are kept only where they help",
    .enabled(if: TestServers.areAvailable),
    .serialized,
    .timeLimit(.minutes(2))
)
struct IndexVerifyTests {
    private static let table = """
        CREATE TABLE t (id int PRIMARY KEY, tenant int, state int, note text) WITH (fillfactor = 50);
        INSERT INTO t SELECT i, i % 500, CASE WHEN i % 10 = 0 THEN 1 ELSE 0 END, repeat('x', 100)
        FROM generate_series(1, 30000) AS i;
        """

    private func trial(_ statement: String) -> IndexTrial {
        var trial = IndexTrial(statements: [statement])
        trial.window = .zero
        return trial
    }

    @Test("An index that a statement gains by stays, with the figures")
    func helpful() async throws {
        try await IndexSite.lend { site in
            try await site.run(Self.table)
            try await site.run("ANALYZE t")

            let outcome = try await site.build(
                "CREATE INDEX ix ON t (tenant)",
                trial: self.trial("SELECT sum(state) FROM t WHERE tenant = 7")
            )[0]

            #expect(outcome.result == .built)
            let row = try #require(outcome.trial?.statements.first)
            #expect(row.effect == .gains)
            #expect((row.after?.blocks ?? 0) < (row.before?.blocks ?? 0) / 2)
            #expect(try await site.indexes(of: "t") == ["ix", "t_pkey"])
        }
    }

    @Test("A useless index, whose condition nine of ten rows meet, is dropped again, and the report says so")
    func useless() async throws {
        try await IndexSite.lend { site in
            try await site.run(Self.table)
            try await site.run("ANALYZE t")

            let outcome = try await site.build(
                "CREATE INDEX ix ON t (state)",
                trial: self.trial("SELECT count(note) FROM t WHERE state = 0")
            )[0]

            #expect(outcome.result == .reverted)
            #expect(outcome.note == "No statement gained by it.")
            #expect(try await site.indexes(of: "t") == ["t_pkey"])
            #expect(try await site.journal().map { $0.prefix(10) } == ["done: CREA", "done: DROP"])
        }
    }

    @Test("An index that helps a statement but ends HOT updates is dropped again, by the application's own traffic")
    func endsHotUpdates() async throws {
        try await IndexSite.lend { site in
            try await site.run(Self.table)
            try await site.run("ANALYZE t")
            let isOver = StopMark()
            let traffic = Task {
                try await site.connected { connection in
                    var id = 0
                    while !(await isOver.isSet) {
                        id = id % 30_000 + 1
                        try await connection.execute("UPDATE t SET tenant = tenant + 1 WHERE id = \(id)")
                    }
                }
            }
            var trial = self.trial("SELECT sum(state) FROM t WHERE tenant = 7")
            trial.window = .seconds(8)
            let outcome = try await site.build("CREATE INDEX ix ON t (tenant)", trial: trial)[0]
            await isOver.set()
            try await traffic.value

            #expect(outcome.result == .reverted)
            #expect(outcome.note?.hasPrefix("Updates were HOT for ") == true, "\(String(describing: outcome.note))")
            #expect(outcome.trial?.statements.map(\.effect) == [.gains])
            #expect(try await site.indexes(of: "t") == ["t_pkey"])
        }
    }

    @Test(
        "What calls a function that may do more than read is not run, also where a view or LIMIT hides it, and said why"
    )
    func volatileFunctions() async throws {
        try await IndexSite.lend { site in
            try await site.run(Self.table)
            try await site.run(
                """
                CREATE FUNCTION touch(int) RETURNS int LANGUAGE sql AS 'SELECT $1';
                CREATE VIEW hidden AS SELECT id FROM t WHERE pg_try_advisory_lock(id) AND id = 7;
                ANALYZE t
                """
            )
            var trial = IndexTrial(statements: [
                "SELECT pg_try_advisory_lock(1)", "SELECT * FROM hidden", "SELECT id FROM t LIMIT public.touch(3)",
                "SELECT sum(state) FROM t WHERE tenant = 7 AND random() < 2",
            ])
            trial.window = .zero

            let outcome = try await site.build("CREATE INDEX ix ON t (tenant)", trial: trial)[0]

            #expect(outcome.result == .built)
            let rows = try #require(outcome.trial?.statements)
            #expect(rows.map(\.effect) == [.unmeasured, .unmeasured, .unmeasured, .gains])
            let names = ["pg_try_advisory_lock", "pg_try_advisory_lock", "touch"]
            #expect(rows.map(\.reason) == names.map { "it calls what may do more than read: \($0) (VOLATILE)" } + [nil])
        }
    }

    @Test("A statement that waits for a lock is tried again, and one that fails by a value counts as broken")
    func retries() async throws {
        try await IndexSite.lend { site in
            try await site.run("CREATE TABLE z (a int); INSERT INTO z VALUES (1), (0)")
            let trial = IndexTrial(statements: [])
            let waited = try await site.connected { holder in
                try await holder.run(script: "BEGIN; LOCK TABLE z")
                async let measured = site.connected { try await trial.measure("SELECT a FROM z", on: $0) }
                var starts: Set<String> = []
                // the second try is the one that waits when the lock is given back
                while starts.count < 2 {
                    let waiting: SQL = """
                        SELECT a.query_start::text FROM pg_stat_activity AS a JOIN pg_locks AS l ON l.pid = a.pid
                        WHERE a.datname = current_database() AND NOT l.granted
                        """
                    starts.formUnion(try await site.connected { try await $0.query(waiting, as: String.self) })
                }
                try await holder.run(script: "ROLLBACK")
                return try await measured
            }
            let broken = try await site.connected { try await trial.measure("SELECT 1 / a FROM z", on: $0) }

            #expect(waited?.isBroken == false)
            #expect(broken?.isBroken == true)
        }
    }

    @Test("Statements that write, or fail, are not measured and change nothing")
    func unmeasured() async throws {
        try await IndexSite.lend { site in
            try await site.run(Self.table)
            var trial = IndexTrial(statements: ["SELECT 1 / 0", "SELECT setval('s', 5)"])
            trial.window = .zero
            try await site.run("CREATE SEQUENCE s")

            let outcome = try await site.build("CREATE INDEX ix ON t (tenant)", trial: trial)[0]

            #expect(outcome.result == .reverted)
            #expect(outcome.trial?.statements.map(\.effect) == [.unmeasured, .unmeasured])
            let value = try await site.connected { try await $0.query("SELECT last_value FROM s", as: Int.self)[0] }
            #expect(value == 1)
        }
    }
}

/// Tells a task that it is over.
private actor StopMark {
    private(set) var isSet = false
    func set() { self.isSet = true }
}
