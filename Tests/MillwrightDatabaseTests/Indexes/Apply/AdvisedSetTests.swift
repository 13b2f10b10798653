// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightTesting
import Testing

@testable import MillwrightDatabase

@Suite(
    "Advised sets are built and measured",
    .enabled(if: TestServers.areAvailable),
    .serialized,
    .timeLimit(.minutes(2))
)
struct AdvisedSetTests {
    private static let tables = """
        CREATE TABLE orders (id int PRIMARY KEY, code int, state int, note text);
        INSERT INTO orders SELECT i, i, i % 3, repeat('x', 100) FROM generate_series(1, 40000) AS i;
        CREATE TABLE parts (order_id int, name text);
        INSERT INTO parts SELECT i * 40, 'part ' || i FROM generate_series(1, 1000) AS i;
        """
    private static let join = "SELECT p.name FROM orders AS o JOIN parts AS p ON p.order_id = o.id WHERE o.code = 4000"

    private func advised(
        _ table: String,
        _ columns: String...,
        measuredBy statements: String...
    ) -> IndexAdvice.Recommendation {
        let definition = IndexDefinition(schema: "public", table: table, keys: columns.map { .column($0) })
        return IndexAdvice.Recommendation(
            definition: definition,
            name: definition.name(),
            sizeBytes: 8192,
            savedShare: 0.1,
            bytesWrittenPerSecond: 0,
            tableRows: 1000,
            queries: [],
            replaces: [],
            buildSeconds: 1,
            measured: statements.map { IndexAdvice.MeasuredStatement(text: $0) }
        )
    }

    /// Half of the pages have to be saved, which no busy processor makes or mars.
    private var trial: IndexTrial {
        var trial = IndexTrial(statements: [])
        trial.window = .zero
        trial.minimumGain = 0.5
        trial.maximumLoss = 1000
        return trial
    }

    private func build(
        _ set: [IndexAdvice.Recommendation],
        _ trial: IndexTrial? = nil,
        on site: IndexSite
    ) async throws -> SetOutcome {
        try await site.run(Self.tables)
        try await site.run("VACUUM ANALYZE")
        var advice = IndexAdvice()
        advice.recommendations = set
        return try await IndexBuilder(PostgresConfiguration(site.url("app")), limits: IndexSite.limits)
            .build(advice, trial: trial ?? self.trial)
    }

    @Test("What helps nothing alone stays where it helps together with others; what helps nothing goes")
    func together() async throws {
        try await IndexSite.lend { site in
            let outcome = try await self.build(
                [
                    self.advised("parts", "order_id", measuredBy: Self.join),
                    self.advised(
                        "orders",
                        "state",
                        measuredBy: Self.join,
                        "SELECT sum(id) FROM orders WHERE state < 2"
                    ),
                    self.advised("orders", "code", measuredBy: Self.join),
                ],
                on: site
            )

            let outcomes = outcome.indexes
            #expect(outcomes.map(\.result) == [.built, .reverted, .built])
            #expect(outcomes[1].note == "No statement gained by it.")
            #expect(outcomes[0].trial?.statements.map(\.effect) == [.gains])
            let time = try #require(outcome.time)
            #expect(time.statements == 2)
            #expect(time.before > 0 && time.withAll > 0 && time.after > 0 && time.shareLeft > 0)
            #expect(try await site.indexes(of: "parts") == ["parts_order_id_idx"])
            #expect(try await site.indexes(of: "orders") == ["orders_code_idx", "orders_pkey"])
            #expect(
                try await site.journal().map { $0.prefix(10) } == [
                    "done: CREA", "done: CREA", "done: CREA", "done: DROP",
                ]
            )
        }
    }

    /// The planner thinks that it meets an open one early, since it does not know that they are all at the end.
    private static let misled = "SELECT id FROM events WHERE state = 7 ORDER BY at LIMIT 1"

    @Test("What the planner likes and the clock does not is dropped again, though another statement gains by it")
    func worseInReality() async throws {
        try await IndexSite.lend { site in
            try await site.run(
                """
                CREATE TABLE events (id int PRIMARY KEY, state int, at int, note text);
                INSERT INTO events
                SELECT i, CASE WHEN i % 40 = 0 THEN 7 ELSE i % 7 END,
                       CASE WHEN i % 40 = 0 THEN 1000000 ELSE i * 7919 % 40000 END, repeat('x', 100)
                FROM generate_series(1, 40000) AS i;
                -- by it the statement is so quick that no busy machine makes up for what the other index costs it
                CREATE INDEX events_state_idx ON events (state);
                """
            )
            var trial = self.trial
            trial.maximumLoss = 0.3

            let outcome = try await self.build(
                [
                    self.advised(
                        "events",
                        "at",
                        measuredBy: Self.misled,
                        "SELECT id FROM events ORDER BY at LIMIT 5"
                    ),
                    self.advised("orders", "code", measuredBy: Self.join),
                ],
                trial,
                on: site
            )

            #expect(outcome.indexes.map(\.result) == [.reverted, .built])
            #expect(outcome.indexes[0].note == "A statement lost by it.")
            #expect(outcome.indexes[0].trial?.statements.map(\.effect) == [.loses, .gains])
            #expect(try await site.indexes(of: "events") == ["events_pkey", "events_state_idx"])
            #expect(try await site.indexes(of: "orders") == ["orders_code_idx", "orders_pkey"])
            let time = try #require(outcome.time)
            #expect(time.after < time.withAll)
        }
    }

    @Test("What takes longer than a statement may is cut off, counts as that long, and is cured by an index")
    func cutOff() async throws {
        try await IndexSite.lend { site in
            var trial = self.trial
            trial.statementTimeout = .milliseconds(300)
            // each row that is looked at takes its time
            try await site.run(
                """
                CREATE FUNCTION slowly(int) RETURNS boolean STABLE COST 0.0001 LANGUAGE plpgsql
                AS $$ BEGIN PERFORM pg_sleep(0.01); RETURN true; END $$
                """
            )
            let slow = "SELECT note FROM orders WHERE slowly(id) AND code = 77"

            let outcome = try await self.build([self.advised("orders", "code", measuredBy: slow)], trial, on: site)

            let row = try #require(outcome.indexes[0].trial?.statements.first)
            #expect(row.before?.isCutOff == true && row.before?.seconds == 0.3)
            #expect(row.after?.isCutOff == false)
            #expect(row.effect == .gains)
            #expect(outcome.indexes[0].result == .built)
        }
    }

    private static let documents = """
        CREATE TABLE documents (id int PRIMARY KEY, body text, facts jsonb);
        INSERT INTO documents
        SELECT i, 'word' || i % 1000 || ' and more of it', jsonb_build_object('kind', i % 500, 'is', 'paper')
        FROM generate_series(1, 20000) AS i;
        """
    private static let searches = """
        SELECT id FROM documents WHERE to_tsvector('english', body) @@ to_tsquery('english', 'word77');
        SELECT count(body) FROM documents WHERE facts @> '{"is": "paper"}';
        UPDATE documents SET body = '' WHERE facts @> '{"kind": 3}';
        """

    @Test("What the planner cannot be asked about is built where that is wished for, and stays where it helps")
    func inverted() async throws {
        try await IndexSite.lend { site in
            try await site.run(Self.documents)
            try await site.run("VACUUM ANALYZE")
            let options = AdvisorOptions(storage: .bytes(1e9), timeout: .seconds(120))
            let configuration = PostgresConfiguration(site.url("app"))
            let builder = IndexBuilder(configuration, limits: IndexSite.limits)

            let advice = try await IndexAdvisor(configuration, options: options).advise(sql: Self.searches)
            let plain = try await builder.build(advice, trial: self.trial)
            let thorough = try await builder.build(advice, trial: self.trial, isThorough: true)

            #expect(advice.untested.map(\.definition.method) == ["gin", "gin"])
            #expect(plain.indexes.isEmpty)
            #expect(thorough.indexes.map(\.result) == [.built, .reverted])
            #expect(thorough.indexes[1].note == "No statement gained by it.")
            #expect(try await site.indexes(of: "documents").count == 2)
        }
    }

    @Test("Of what is built by a guess goes what the budget has no room for")
    func guessedTooBig() async throws {
        try await IndexSite.lend { site in
            try await site.run(Self.documents)
            try await site.run("VACUUM ANALYZE")
            let options = AdvisorOptions(storage: .bytes(20_000), timeout: .seconds(120))
            let configuration = PostgresConfiguration(site.url("app"))

            let advice = try await IndexAdvisor(configuration, options: options).advise(sql: Self.searches)
            let outcome = try await IndexBuilder(configuration, limits: IndexSite.limits)
                .build(advice, trial: self.trial, isThorough: true)

            #expect(outcome.indexes.map(\.result) == [.reverted, .reverted])
            #expect(outcome.indexes.allSatisfy { $0.note?.contains("and the storage budget leaves 19.5 kB") == true })
            #expect(try await site.indexes(of: "documents") == ["documents_pkey"])
        }
    }

    @Test(
        "A run that is cancelled while it measures drops what it has built; what a killed one has left goes with the next"
    )
    func cancelled() async throws {
        try await IndexSite.lend { site in
            try await site.run(Self.tables)
            var advice = IndexAdvice()
            advice.recommendations = [
                self.advised("orders", "code", measuredBy: "SELECT id FROM orders WHERE code = 7")
            ]
            var trial = self.trial
            trial.window = .seconds(30)
            trial.statements = []
            let building = Task { [advice, trial] in
                try await IndexBuilder(PostgresConfiguration(site.url("app")), limits: IndexSite.limits)
                    .build(advice, trial: trial)
            }
            try await site.connected { connection in
                // it is watching the application's updates before the build
                while try await connection.query(
                    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%index-trial%' AND state = 'idle'"
                ).isEmpty { try await Task.sleep(for: .milliseconds(10)) }
            }

            building.cancel()
            let result = await building.result
            // as a run leaves it that is killed between build and measurement
            try await site.run("CREATE INDEX left_over ON orders (state)")
            try await site.run(
                """
                INSERT INTO millwright.journal (run, command, step, subject, statement, undo, state, detail)
                VALUES (gen_random_uuid(), 'index', 1, 'public.left_over', 'CREATE INDEX CONCURRENTLY left_over ON public.orders (state)',
                        'DROP INDEX CONCURRENTLY public.left_over', 'done', '\(IndexJournal.unproved)')
                """
            )
            let builder = IndexBuilder(PostgresConfiguration(site.url("app")), limits: IndexSite.limits)
            let named = try await builder.unproved()
            let cleaned = try await builder.cleanUp()

            #expect(throws: CancellationError.self) { try result.get() }
            #expect(named == ["public.left_over"])
            #expect(cleaned.map(\.subject) == named && cleaned.map(\.result) == [.dropped])
            #expect(try await builder.unproved() == [])
            #expect(try await site.indexes(of: "orders") == ["orders_pkey"])
        }
    }

    @Test("What only a statement could measure that must not be run is not built, and said why")
    func refused() async throws {
        try await IndexSite.lend { site in
            let lock = "SELECT id FROM orders WHERE code = 77 AND pg_try_advisory_lock(id)"

            let outcome = try await self.build([self.advised("orders", "code", measuredBy: lock)], on: site)

            #expect(outcome.indexes.map(\.result) == [.unchanged])
            #expect(
                outcome.indexes[0].note?.contains("it calls what may do more than read: pg_try_advisory_lock") == true
            )
        }
    }

    @Test("What no SELECT can measure is not built, and said so")
    func unmeasured() async throws {
        try await IndexSite.lend { site in
            let outcome = try await self.build([self.advised("orders", "state")], on: site)

            let outcomes = outcome.indexes
            #expect(outcomes.map(\.result) == [.unchanged])
            #expect(outcomes[0].note?.contains("nothing could be measured") == true)
            #expect(try await site.indexes(of: "orders") == ["orders_pkey"])
        }
    }

    @Test("Statements that are advised for are measured with values, SELECTs only, those that use the index first")
    func measuredStatements() async throws {
        try await IndexSite.lend { site in
            try await site.run(Self.tables)
            try await site.run("VACUUM ANALYZE")
            let options = AdvisorOptions(storage: .bytes(1e9), timeout: .seconds(120))

            let advice = try await IndexAdvisor(PostgresConfiguration(site.url("app")), options: options).advise(
                sql: """
                    UPDATE orders SET note = '' WHERE code = 7;
                    SELECT note FROM orders WHERE code = 8;
                    SELECT note FROM orders WHERE code = 9 FOR UPDATE;
                    """
            )

            #expect(advice.recommendations.map(\.definition.body) == ["(code)"])
            let measured = advice.recommendations.map { $0.measured.map(\.text) }
            #expect(measured == [["SELECT note FROM orders WHERE code = 8"]])
            let index = try #require(advice.recommendations.first)
            #expect((0.001...10).contains(index.buildSeconds))
        }
    }
}
