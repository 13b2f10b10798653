// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightTesting
import Testing

@testable import MillwrightDatabase

@Suite("Index advice on a live server", .enabled(if: TestServers.areAvailable), .serialized, .timeLimit(.minutes(3)))
struct LiveIndexAdvisorTests {
    private static let tables = """
        CREATE TABLE orders (
            id int PRIMARY KEY, tenant int NOT NULL, status text NOT NULL, created timestamptz NOT NULL, total numeric,
            note text, deleted timestamptz, "Odd column" int);
        INSERT INTO orders
        SELECT i, i % 500, CASE WHEN i % 50 = 0 THEN 'new' ELSE 'done' END, now() - (i * 7919 % 60000) * interval '1 min', i,
               repeat('x', 80) || i, CASE WHEN i % 3 = 0 THEN now() END, i % 7000
        FROM generate_series(1, 60000) AS i;
        CREATE TABLE lines (order_id int, position int, amount numeric, PRIMARY KEY (order_id, position));
        INSERT INTO lines SELECT i / 3, i % 3, i FROM generate_series(1, 120000) AS i;
        CREATE TABLE small (id int, tenant int);
        INSERT INTO small SELECT i, i FROM generate_series(1, 500) AS i;
        """

    private func advice(
        for sql: String? = nil,
        on database: LiveDatabase,
        as role: String = "app",
        storage: AdvisorOptions.StorageBudget = .bytes(1e9)
    ) async throws -> IndexAdvice {
        // it ends when it finds nothing better: the time is for a machine that others keep busy
        let options = AdvisorOptions(storage: storage, timeout: .seconds(120))
        let advisor = IndexAdvisor(PostgresConfiguration(database.url(as: role)), options: options)
        guard let sql else { return try await advisor.adviseFromStatistics() }
        return try await advisor.advise(sql: sql)
    }

    private func bodies(_ advice: IndexAdvice) -> Set<String> {
        Set(advice.recommendations.map { "\($0.definition.table) \($0.definition.body)" })
    }

    @Test("An index by another collation than its column's neither stands for an advised one nor is replaced by it")
    func collations() async throws {
        try await LiveDatabase.lend { database in
            try await database.run(
                """
                CREATE TABLE named (id int, name text, code text);
                CREATE INDEX named_c ON named (name COLLATE "C");
                CREATE INDEX named_code ON named (code);
                """
            )
            let connection = try await PostgresConnection.connect(PostgresConfiguration(database.url(as: "app")))
            let tables = try await AdvisedTable.read(named: ["named"], on: connection)
            let existing = try await ExistingIndexes.read(of: tables, on: connection)
            await connection.close()

            #expect(existing.names == ["public.named_code"])
        }
    }

    @Test("What the statements ask is advised in the planner's judgement, and nothing that is there already")
    func judged() async throws {
        try await LiveDatabase.lend { database in
            try await database.run(Self.tables)
            try await database.run("VACUUM ANALYZE")

            let advice = try await self.advice(
                for: """
                    SELECT * FROM orders WHERE tenant = 7 ORDER BY created DESC LIMIT 10;
                    SELECT * FROM orders WHERE "Odd column" = 5;
                    SELECT count(*) FROM orders WHERE status = 'new' AND total > 59000;
                    SELECT * FROM lines WHERE order_id = 77;
                    SELECT * FROM small WHERE tenant = 3;
                    SELECT * FROM nowhere;
                    SELEC nonsense;
                    """,
                on: database
            )

            let bodies = self.bodies(advice)
            #expect(bodies.contains("orders (tenant, created)"))
            #expect(bodies.contains { $0.hasPrefix("orders (\"Odd column\"") })
            #expect(bodies.contains { $0.contains("WHERE status = 'new'") }, "\(bodies)")
            #expect(!bodies.contains { $0.hasPrefix("lines") || $0.hasPrefix("small") })
            #expect(advice.costLeft < 0.2)
            #expect(advice.judge == .planner)
            #expect(advice.unusable.map(\.name) == ["workload:6"])
            // what is advised can be made as it stands, and the statements name it
            for index in advice.recommendations { try await database.run(index.definition.sql(name: index.name)) }
            #expect(
                try await self.advice(
                    for: "SELECT * FROM orders WHERE tenant = 7 ORDER BY created DESC LIMIT 10",
                    on: database
                ).recommendations.isEmpty
            )
        }
    }

    @Test("A budget holds for what is really built")
    func budget() async throws {
        try await LiveDatabase.lend { database in
            try await database.run(Self.tables)
            try await database.run("VACUUM ANALYZE")
            let sql = "SELECT * FROM orders WHERE tenant = 7; SELECT id FROM orders WHERE \"Odd column\" = 5"

            let advice = try await self.advice(for: sql, on: database, storage: .bytes(1_200_000))

            #expect(!advice.recommendations.isEmpty)
            for index in advice.recommendations { try await database.run(index.definition.sql(name: index.name)) }
            let names = advice.recommendations.map(\.name)
            let built = try await database.connected { connection in
                try await connection.query(
                    "SELECT sum(pg_relation_size(quote_ident(i)::regclass))::bigint FROM unnest(\(names)::text[]) AS i",
                    as: Int.self
                )[0]
            }
            #expect(Double(built) < 1.2 * 1_200_000)
            #expect(abs(Double(built) / advice.sizeBytes - 1) < 0.2)
        }
    }

    @Test("Statements that the server counted are judged with values in place of their placeholders")
    func statistics() async throws {
        try await LiveDatabase.lend { database in
            try await database.run(Self.tables)
            try await database.run("VACUUM ANALYZE")
            // the load is no sample of what will be written
            try await database.run("SELECT pg_stat_reset()", as: "postgres")
            try await database.connected { connection in
                for tenant in 1...5 {
                    _ = try await connection.query(
                        "SELECT id, total FROM orders WHERE tenant = \(tenant) AND created > now() - interval '3 days' LIMIT \(5)"
                    )
                    _ = try await connection.query("SELECT count(*) FROM orders WHERE note LIKE \("x\(tenant)%")")
                }
            }

            let advice = try await self.advice(on: database)

            #expect(self.bodies(advice).contains { $0.hasPrefix("orders (tenant") })
            #expect(advice.recommendations.allSatisfy { $0.definition.predicate == nil })
            // the statements that loaded the tables weigh most, and nothing helps them
            let gain = advice.recommendations.flatMap(\.queries).first { $0.text.contains("tenant = $1") }
            #expect(gain.map { $0.after < $0.before / 2 } == true)
        }
    }

    @Test("A partitioned table gets one index for the whole, simulated, made and attached on each partition")
    func partitioned() async throws {
        try await LiveDatabase.lend { database in
            try await database.run(
                """
                CREATE TABLE events (id int, day date, kind int, tenant int, note text) PARTITION BY RANGE (day);
                CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
                CREATE TABLE "events 2" PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
                CREATE TABLE events_3 PARTITION OF events FOR VALUES FROM ('2026-03-01') TO ('2026-04-01');
                INSERT INTO events SELECT i, '2026-01-01'::date + i % 90, i % 7, i % 3000, repeat('x', 80)
                FROM generate_series(1, 60000) AS i
                """
            )
            // partition by partition, as autovacuum does: the whole has no statistics of its own
            try await database.run("VACUUM ANALYZE events_1, \"events 2\", events_3")
            let sql =
                "SELECT note FROM events WHERE tenant = 7; SELECT count(*) FROM events WHERE day = '2026-02-03' AND kind = 3"

            let advice = try await self.advice(for: sql, on: database)

            let index = try #require(advice.recommendations.first { $0.definition.keys.first?.column == "tenant" })
            #expect(index.definition.table == "events")
            #expect(index.commands.count == 7)
            #expect((200_000...4_000_000).contains(index.sizeBytes))
            #expect(advice.costLeft < 0.6)
            for command in advice.recommendations.flatMap(\.commands) { try await database.run(command) }
            let invalid = try await database.connected { connection in
                try await connection.query(
                    "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid ORDER BY 1",
                    as: String.self
                )
            }
            #expect(invalid == [])
            #expect(try await self.advice(for: sql, on: database).recommendations.isEmpty)
        }
    }

    @Test("A log gives its statements with their real values, but for those of other databases")
    func log() async throws {
        try await LiveDatabase.lend { database in
            try await database.run(Self.tables)
            try await database.run("VACUUM ANALYZE")
            let log = """
                2026-08-01 10:00:00 UTC [7] LOG:  duration: 90 ms  execute s: SELECT id FROM orders WHERE "Odd column" = $1
                2026-08-01 10:00:00 UTC [7] DETAIL:  parameters: $1 = '5'

                """
            let other = """
                {"dbname":"elsewhere","error_severity":"LOG","message":"duration: 90 ms  statement: SELECT * FROM nowhere"}

                """
            let options = AdvisorOptions(storage: .bytes(1e9), timeout: .seconds(120))
            let advisor = IndexAdvisor(PostgresConfiguration(database.url(as: "app")), options: options)

            let advice = try await advisor.advise(scripts: [(name: "pg.log", sql: log), (name: "pg.json", sql: other)])

            #expect(advice.queries == 1 && advice.unusable.isEmpty)
            #expect(
                advice.recommendations.map { $0.measured.map(\.text) } == [
                    ["SELECT id FROM orders WHERE \"Odd column\" = ('5'::integer)"]
                ]
            )
        }
    }

    @Test("What a generic plan makes of the set is told beside: with placeholders --explain shows both plans")
    func genericPlans() async throws {
        try await LiveDatabase.lend { database in
            try await database.run(Self.tables)
            try await database.run("VACUUM ANALYZE")
            let options = AdvisorOptions(storage: .bytes(1e9), timeout: .seconds(120))
            let advisor = IndexAdvisor(PostgresConfiguration(database.url(as: "app")), options: options)
            let query = "SELECT id FROM orders WHERE tenant = $1 AND created > $2"

            let advice = try await advisor.advise(sql: query)
            let plans = try await advisor.plans(of: query, with: advice)
            let plain = try await advisor.plans(of: "SELECT id FROM orders WHERE tenant = 3", with: advice)

            let gain = try #require(advice.recommendations.first?.queries.first)
            let (before, after) = (try #require(gain.genericBefore), try #require(gain.genericAfter))
            #expect(before > 1000 && after < before / 10)
            #expect(plans.map(\.key) == ["plan_before", "generic_plan_before", "plan_after", "generic_plan_after"])
            #expect(plans[3].rows.contains { "\($0[0])".contains("tenant = $1") })
            #expect(plain.map(\.key) == ["plan_before", "plan_after"])
        }
    }

    private static let family = """
        CREATE TABLE parent (id int PRIMARY KEY);
        INSERT INTO parent SELECT i FROM generate_series(1, 3000) AS i;
        CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent, note text);
        INSERT INTO child SELECT i, i % 2000 + 1, repeat('x', 80) FROM generate_series(1, 60000) AS i;
        """

    @Test("The key that a DELETE has to look up is served, though no statement of the workload names its table")
    func foreignKeys() async throws {
        try await LiveDatabase.lend { database in
            try await database.run(Self.family)
            try await database.run("VACUUM ANALYZE")

            let advice = try await self.advice(for: "DELETE FROM parent WHERE id = 2500", on: database)

            #expect(self.bodies(advice) == ["child (parent)"])
            #expect(advice.costLeft < 0.1)
        }
    }

    @Test("Of a DELETE that the server counted the time goes to the lookups that it causes")
    func countedForeignKeys() async throws {
        try await LiveDatabase.lend { database in
            try await database.run(Self.family)
            try await database.run("VACUUM ANALYZE")
            try await database.run("SELECT pg_stat_reset()", as: "postgres")
            try await database.connected { connection in
                for id in 2001...2020 { _ = try await connection.query("DELETE FROM parent WHERE id = \(id)") }
            }

            let advice = try await self.advice(on: database)

            #expect(self.bodies(advice).contains("child (parent)"))
            let gain = advice.recommendations.flatMap(\.queries).first { $0.name.contains("child_parent_fkey") }
            #expect(gain.map { $0.after < $0.before / 10 } == true)
        }
    }

    @Test("An index that exists goes for one that serves as well, and what it took is room for that")
    func replacing() async throws {
        try await LiveDatabase.lend { database in
            try await database.run(Self.tables)
            try await database.run("CREATE INDEX orders_created ON orders (created)")
            try await database.run("VACUUM ANALYZE")
            let sql = "SELECT id FROM orders WHERE created > now() - interval '2 hours' AND tenant = 7"
            var options = AdvisorOptions(storage: .bytes(900_000), timeout: .seconds(120))
            let configuration = PostgresConfiguration(database.url())
            let without = try await IndexAdvisor(configuration, options: options).advise(sql: sql)
            options.replaces = true

            let advice = try await IndexAdvisor(configuration, options: options).advise(sql: sql)

            #expect(without.sizeBytes <= 900_000)
            #expect(advice.costLeft < without.costLeft)
            #expect(advice.sizeBytes - advice.replacedBytes <= 900_000)
            let wider = try #require(advice.recommendations.first { !$0.replaces.isEmpty })
            #expect(wider.replaces == ["public.orders_created"])
            let finding = try #require(advice.section.outcomes[0].verdict.findings.first)
            #expect(finding.remedy?.commands.last == "DROP INDEX CONCURRENTLY IF EXISTS public.orders_created;")
        }
    }

    @Test("What cannot be simulated is weighed by being built in a transaction, of which nothing is left")
    func rehearsed() async throws {
        try await LiveDatabase.lend { database in
            try await database.run(Self.tables)
            try await database.run("ALTER TABLE orders ADD labels text[]")
            try await database.run("UPDATE orders SET labels = ARRAY['a' || id % 900, 'b' || id % 7]")
            try await database.run("VACUUM ANALYZE")
            let sql = "SELECT id FROM orders WHERE labels @> ARRAY['a77']"
            var options = AdvisorOptions(storage: .bytes(1e9), rehearsal: .seconds(30), timeout: .seconds(120))
            let configuration = PostgresConfiguration(database.url())

            let advice = try await IndexAdvisor(configuration, options: options).advise(sql: sql)

            #expect(self.bodies(advice) == ["orders USING gin (labels)"])
            #expect(advice.untested.isEmpty)
            #expect(advice.costLeft < 0.5)
            let index = try #require(advice.recommendations.first)
            try await database.run(index.definition.sql(name: index.name))
            let built = try await database.connected { connection in
                try await connection.query(
                    """
                    SELECT relname::text, pg_relation_size(oid)::float8 FROM pg_class
                    WHERE relkind = 'i' AND relnamespace = 'public'::regnamespace AND relname !~ '_pkey$'
                    """,
                    as: (String, Double).self
                )
            }
            #expect(built.map(\.0) == [index.name])
            #expect(abs(built[0].1 / index.sizeBytes - 1) < 0.1)

            try await database.run("DROP INDEX \(index.name)")
            options.rehearsal = .milliseconds(1)
            let late = try await IndexAdvisor(configuration, options: options).advise(sql: sql)
            #expect(late.recommendations.isEmpty)
            #expect(late.untested.first?.refusal?.contains("timeout") == true)
        }
    }

    @Test("An expression's index is as big as its values make it, which a sample tells")
    func expressionSize() async throws {
        try await LiveDatabase.lend { database in
            try await database.run(
                """
                CREATE TABLE person (id int, mail text, facts jsonb, pad text);
                INSERT INTO person
                SELECT i, 'Somebody.With.A.Long.Name' || i || '@example.com', jsonb_build_object('source', 's' || i % 5),
                       repeat('x', 200)
                FROM generate_series(1, 40000) AS i
                """
            )
            try await database.run("VACUUM ANALYZE")

            let advice = try await self.advice(
                for: """
                    SELECT id FROM person WHERE lower(mail) = 'somebody';
                    SELECT id FROM person WHERE facts ->> 'source' = 's9'
                    """,
                on: database
            )

            #expect(advice.recommendations.count == 2)
            for index in advice.recommendations {
                try await database.run(index.definition.sql(name: index.name))
                let built = try await database.connected { connection in
                    try await connection.query(
                        "SELECT pg_relation_size(quote_ident(\(index.name))::regclass)::float8",
                        as: Double.self
                    )[0]
                }
                #expect(abs(index.sizeBytes / built - 1) < 0.15, "\(index.definition.body)")
            }
        }
    }

    @Test("Without HypoPG the advice is an estimate, and says so")
    func estimate() async throws {
        try await LiveDatabase.lend { database in
            try await database.run(Self.tables)
            try await database.run("VACUUM ANALYZE")
            try await database.run("DROP EXTENSION IF EXISTS hypopg", as: "postgres")

            let advice = try await self.advice(for: "SELECT * FROM orders WHERE tenant = 7", on: database)

            #expect(advice.judge == .estimate)
            #expect(self.bodies(advice) == ["orders (tenant)"])
            let finding = try #require(advice.section.outcomes[0].verdict.findings.first)
            #expect(finding.confidence == .low)
            #expect(finding.remedy?.advice.contains("CREATE EXTENSION hypopg") == true)
        }
    }

    @Test("A role that may not plan a statement is told so; none that can be judged is unknown, not well")
    func privileges() async throws {
        try await LiveDatabase.lend { database in
            try await database.run(Self.tables)

            let advice = try await self.advice(
                for: "SELECT * FROM orders WHERE tenant = 7",
                on: database,
                as: "nobody_role"
            )

            #expect(advice.unusable.map(\.reason).first?.contains("may not plan it") == true)
            guard case .unknown(_, let cure) = advice.section.outcomes[0].verdict else {
                Issue.record("the verdict is not unknown")
                return
            }
            #expect(cure == "GRANT pg_read_all_data TO nobody_role;")
        }
    }
}
