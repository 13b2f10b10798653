// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import MillwrightCore
import MillwrightPostgres
import MillwrightTesting
import Testing

@testable import MillwrightDatabase

@Suite(
    "Advised sets are proved on a scratch copy",
    .enabled(if: TestServers.areAvailable),
    .serialized,
    .timeLimit(.minutes(2))
)
struct ScratchCopyTests {
    private static let tables = """
        CREATE SCHEMA "Odd shop";
        CREATE TYPE "Odd shop".mood AS ENUM ('good', 'bad');
        CREATE TABLE regions (id int PRIMARY KEY);
        CREATE TABLE unread (id int PRIMARY KEY, note text);
        INSERT INTO regions VALUES (1);
        INSERT INTO unread VALUES (1, 'secret');
        CREATE FUNCTION doubled(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 * 2';
        CREATE FUNCTION first_region() RETURNS regions LANGUAGE sql AS 'SELECT r FROM regions AS r LIMIT 1';
        CREATE SEQUENCE numbers;
        CREATE TABLE "Odd shop"."Odd orders" (
            id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number bigint DEFAULT nextval('numbers') UNIQUE, code int,
            state int, "a mood" "Odd shop".mood, twice int GENERATED ALWAYS AS (doubled(code)) STORED, note text,
            region int REFERENCES regions, other int REFERENCES unread);
        INSERT INTO "Odd shop"."Odd orders" (code, state, "a mood", note, region, other)
        SELECT i, i % 3, CASE WHEN i % 2 = 0 THEN 'good' ELSE 'bad' END::"Odd shop".mood, E'a\\tb\\n' || repeat('x', 80), 1, 1
        FROM generate_series(1, 30000) AS i;
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
        CREATE TRIGGER refusing BEFORE INSERT ON "Odd shop"."Odd orders" FOR EACH ROW EXECUTE FUNCTION refuse();
        CREATE TABLE parts (id int, at date, order_code int) PARTITION BY RANGE (at);
        CREATE TABLE parts_old PARTITION OF parts FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
        CREATE TABLE parts_new PARTITION OF parts FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
        INSERT INTO parts SELECT i, date '2020-01-01' + i % 700, i FROM generate_series(1, 2000) AS i;
        CREATE INDEX parts_at ON parts (at);
        CREATE VIEW good_orders AS SELECT * FROM "Odd shop"."Odd orders" WHERE "a mood" = 'good';
        """
    private static let lookup = """
        SELECT o.note, o.twice FROM good_orders AS o JOIN parts AS p ON p.order_code = o.code JOIN regions AS r ON r.id = o.region
        WHERE o.code = 4000 AND p.at < '2020-03-01'
        """
    private static let sum = "SELECT sum(id), count(\"a mood\") FROM \"Odd shop\".\"Odd orders\" WHERE state < 2"

    private func advised(_ columns: String..., measuredBy statements: [String]) -> IndexAdvice.Recommendation {
        let definition = IndexDefinition(schema: "Odd shop", table: "Odd orders", keys: columns.map { .column($0) })
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

    private var advice: IndexAdvice {
        var advice = IndexAdvice()
        advice.recommendations = [
            self.advised("code", measuredBy: [Self.lookup]), self.advised("state", measuredBy: [Self.sum]),
        ]
        return advice
    }

    /// Half of the pages have to be saved, which no busy processor makes or mars.
    private var trial: IndexTrial {
        var trial = IndexTrial(statements: [])
        trial.minimumGain = 0.5
        trial.maximumLoss = 1000
        return trial
    }

    private var options: ScratchOptions {
        get throws {
            ScratchOptions(journal: [
                try IndexSite.migration("m0001_create_schema"), try IndexSite.migration("m0005_create_journal"),
            ])
        }
    }

    private func prove(
        _ advice: IndexAdvice? = nil,
        on site: IndexSite,
        as role: String = "postgres",
        options: ScratchOptions? = nil
    ) async throws -> (outcome: SetOutcome, copy: ScratchFacts) {
        try await IndexBuilder(PostgresConfiguration(site.url(role)), limits: IndexSite.limits)
            .prove(advice ?? self.advice, onCopy: options ?? self.options, trial: self.trial)
    }

    private func refusal(
        on site: IndexSite,
        as role: String = "postgres",
        _ change: (inout ScratchOptions) -> Void = { _ in }
    ) async throws -> ToolError? {
        var options = try self.options
        change(&options)
        do {
            _ = try await self.prove(on: site, as: role, options: options)
            return nil
        } catch let error as ToolError {
            return error
        }
    }

    /// Databases that were made for copies of the site's.
    private func copies(of site: IndexSite) async throws -> [String] {
        try await site.connected(as: "postgres") { connection in
            try await connection.query(
                """
                SELECT datname::text FROM pg_database
                WHERE shobj_description(oid, 'pg_database') LIKE '%copy of ' || current_database() || ',%'
                """,
                as: String.self
            )
        }
    }

    @Test(
        "What helps is proved and what does not is not; types, views, partitions and odd names come along, the source stays as it is"
    )
    func proved() async throws {
        try await IndexSite.lend { site in
            try await site.run(Self.tables, as: "postgres")
            try await site.run("VACUUM ANALYZE", as: "postgres")

            let (outcome, copy) = try await self.prove(on: site)

            #expect(outcome.indexes.map(\.result) == [.built, .reverted], "\(outcome.indexes)")
            #expect(outcome.indexes[0].trial?.statements.map(\.effect) == [.gains])
            #expect(outcome.time?.statements == 2)
            #expect(copy.tables == 4 && copy.bytes > 3_000_000)
            #expect(self.advice.proved(by: outcome).recommendations.map(\.definition.keys[0].column) == ["code"])
            #expect(try await self.copies(of: site) == [])
            let left = try await site.connected(as: "postgres") { connection in
                try await connection.query(
                    """
                    SELECT (SELECT count(*) FROM pg_index WHERE indrelid = '"Odd shop"."Odd orders"'::regclass),
                           (SELECT count(*) FROM millwright.journal)
                    """,
                    as: (Int, Int).self
                )[0]
            }
            #expect(left == (2, 0))
        }
    }

    @Test("A role that may create no database is told what it lacks; tables too big are told with their sizes")
    func refused() async throws {
        try await IndexSite.lend { site in
            try await site.run(Self.tables)
            let right = try await self.refusal(on: site, as: "app")
            let limit = try await self.refusal(on: site) { $0.maximumBytes = 1_000_000 }
            try await site.run("REVOKE ALL ON regions FROM app; ALTER TABLE regions OWNER TO postgres", as: "postgres")
            let closed = try await self.refusal(on: site, as: "app")

            #expect(right?.code == .unavailable && right?.next.contains("ALTER ROLE app CREATEDB") == true)
            #expect(limit?.code == .notWell && limit?.next.contains("--copy-limit") == true)
            #expect(limit?.stopped.contains("\"Odd shop\".\"Odd orders\"") == true)
            #expect(closed?.code == .unavailable && closed?.next.contains("GRANT SELECT ON public.regions") == true)
            #expect(try await self.copies(of: site) == [])
        }
    }

    @Test("A pg_dump that is missing, too old or fails is told, and no copy stays")
    func program() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let program = folder.appendingPathComponent("pg_dump").path
        let write = { (script: String) in
            try "#!/bin/sh\n\(script)\n".write(toFile: program, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
        }
        try await IndexSite.lend { site in
            try await site.run(Self.tables)
            let missing = try await self.refusal(on: site) { $0.program = "\(program).not" }
            try write("echo 'pg_dump (PostgreSQL) 9.6.24'")
            let old = try await self.refusal(on: site) { $0.program = program }
            try write("[ \"$1\" = --version ] && echo 'pg_dump (PostgreSQL) 99.1' || exit 1")
            let failing = try await self.refusal(on: site) { $0.program = program }

            #expect(missing?.stopped == "The program is not there.")
            #expect(old?.stopped.hasPrefix("It is of PostgreSQL 9, and the server of ") == true)
            #expect(failing?.stopped.hasPrefix("It ended with an error") == true)
            #expect([missing, old, failing].allSatisfy { $0?.code == .unavailable })
            #expect(try await self.copies(of: site) == [])
        }
    }

    @Test("The copy is dropped where the run is cancelled")
    func cancelled() async throws {
        try await IndexSite.lend { site in
            try await site.run(Self.tables)
            try await site.run(
                """
                CREATE FUNCTION nap(int) RETURNS boolean STABLE LANGUAGE plpgsql
                AS $$ BEGIN PERFORM pg_sleep(20); RETURN true; END $$
                """
            )
            var advice = IndexAdvice()
            advice.recommendations = [self.advised("code", measuredBy: ["SELECT nap(id) FROM regions"])]
            let proving = Task { [advice] in try await self.prove(advice, on: site) }
            try await site.connected(as: "postgres") { connection in
                while try await connection.query(
                    """
                    SELECT FROM pg_stat_activity AS a JOIN pg_database AS d ON d.datname = a.datname
                    WHERE a.query LIKE 'EXPLAIN (ANALYZE%nap(%' AND a.state = 'active'
                      AND shobj_description(d.oid, 'pg_database') LIKE '%copy of ' || current_database() || ',%'
                    """
                ).isEmpty { try await Task.sleep(for: .milliseconds(10)) }
            }

            proving.cancel()
            let result = await proving.result

            #expect(throws: CancellationError.self) { try result.get() }
            #expect(try await self.copies(of: site) == [])
        }
    }

    @Test("The next run drops what killed ones have left, and nothing else")
    func leftovers() async throws {
        try await IndexSite.lend { site in
            try await site.run(Self.tables)
            let numbers = (0..<3).map { _ in Int.random(in: 10_000_000...99_999_999) }
            let names = numbers.map { "millwright_scratch_\($0)" }
            let kept = try await site.connected(as: "postgres") { holder in
                // as long as their runs are at work nobody touches them
                for number in numbers {
                    try await holder.run(script: "SELECT pg_advisory_lock(\(0x4D69_6C6C), \(number))")
                }
                for name in names { try await holder.run(script: "CREATE DATABASE \(name)") }
                try await holder.run(script: "COMMENT ON DATABASE \(names[1]) IS 'somebody else''s'")
                for number in numbers[..<2] {
                    try await holder.run(script: "SELECT pg_advisory_unlock(\(0x4D69_6C6C), \(number))")
                }
                _ = try await self.prove(on: site)
                return try await holder.query(
                    "SELECT datname::text FROM pg_database WHERE datname = ANY (\(names)::text[])",
                    as: String.self
                )
            }
            for name in names[1...] { try await site.run("DROP DATABASE IF EXISTS \(name)", as: "postgres") }

            #expect(Set(kept) == Set(names[1...]))
        }
    }
}
