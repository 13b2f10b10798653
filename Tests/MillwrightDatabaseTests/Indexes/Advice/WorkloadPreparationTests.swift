// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres
import MillwrightTesting
import Testing

@testable import MillwrightDatabase

@Suite("Preparing a workload", .timeLimit(.minutes(2)))
struct WorkloadPreparationTests {
    private func statement(_ text: String, _ weight: WorkloadStatement.Weight = .calls(1)) -> WorkloadStatement {
        WorkloadStatement(name: text, text: text, weight: weight)
    }

    @Test("Those that weigh most come first, and of those that weigh the same the first")
    func order() {
        let weights: [WorkloadStatement.Weight] = [.seconds(1), .seconds(5), .seconds(1), .seconds(9)]

        #expect(WorkloadPreparation.byWeight(weights.map { self.statement("SELECT 1", $0) }) == [3, 1, 0, 2])
    }

    @Test(
        "What a plan reads from end to end is known by name, whatever that is made of",
        arguments: [
            ("Seq Scan on orders o  (cost=0.00..1.00 rows=9 width=4)", "orders"),
            (#"  ->  Parallel Seq Scan on "Odd Orders" o  (cost=0.00..1.00 rows=9 width=4)"#, "Odd Orders"),
            ("Index Scan using orders_pkey on orders  (cost=0.00..1.00 rows=9 width=4)", nil),
        ]
    )
    func scanned(_ line: String, table: String?) {
        #expect(WorkloadPreparation.scanned(line) == table)
    }

    @Test(
        "Statements of tools and those about the server's catalogs are no workload",
        .enabled(if: TestServers.areAvailable),
        arguments: [
            ("SELECT 1 FROM pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace", false),
            ("WITH x AS (SELECT relname FROM pg_class) SELECT * FROM x", false),
            ("SELECT table_name FROM information_schema.tables", false),
            ("SELECT a FROM t /*pghero*/", false),
            ("/* pganalyze-collector */ SELECT a FROM t", false),
            ("WITH pg_x AS (SELECT a FROM t) SELECT * FROM pg_x", true),
            ("SELECT a FROM t JOIN pg_class AS c ON c.oid = a", true),
            ("SELECT a FROM t", true),
            ("UPDATE t SET a = 1", true),
            ("SELECT a FROM pg_payments", true),
            ("SELECT query FROM pg_stat_statements", false),
            ("SELECT a FROM v", true),
            ("SELECT 1", true),
        ]
    )
    func tools(_ text: String, isWorkload: Bool) async throws {
        try await LiveDatabase.lend { database in
            try await database.run(
                "CREATE TABLE t (a int); CREATE TABLE pg_payments (a int); CREATE VIEW v AS SELECT a FROM t"
            )
            let connection = try await PostgresConnection.connect(PostgresConfiguration(database.url(as: "app")))
            var preparation = WorkloadPreparation([self.statement(text)])
            try await preparation.complete(on: connection)
            await connection.close()

            #expect(preparation.queries.count == (isWorkload ? 1 : 0))
            #expect(preparation.unusable.isEmpty)
        }
    }

    @Test(
        "What there is no time for is named with the reason, and spoils nothing",
        .enabled(if: TestServers.areAvailable)
    )
    func late() async throws {
        try await LiveDatabase.lend { database in
            try await database.run(
                """
                CREATE TABLE t (a int);
                CREATE FUNCTION slowly() RETURNS int IMMUTABLE LANGUAGE plpgsql
                AS $$ BEGIN PERFORM pg_sleep(60); RETURN 1; END $$
                """
            )
            let connection = try await PostgresConnection.connect(PostgresConfiguration(database.url(as: "app")))
            var none = WorkloadPreparation([self.statement("SELECT a FROM t")])
            try await none.complete(on: connection, until: .now)
            // the function is called while the statement is planned
            var stuck = WorkloadPreparation([
                self.statement("SELECT a FROM t WHERE a = slowly()"), self.statement("SELECT a FROM t WHERE a = $1"),
            ])
            try await stuck.complete(on: connection, until: .now + .seconds(10))
            var all = WorkloadPreparation([
                self.statement("SELECT a FROM t WHERE a = $1"), self.statement("SELECT a FROM t"),
            ])
            try await all.complete(on: connection)
            await connection.close()

            #expect(none.queries.isEmpty)
            #expect(none.unusable.map(\.reason) == ["there was no time to plan it"])
            #expect(stuck.queries.isEmpty)
            #expect(Set(stuck.unusable.map(\.reason)) == ["the server did not plan it in time"])
            #expect(all.queries.map(\.statement.name) == ["SELECT a FROM t WHERE a = $1", "SELECT a FROM t"])
            #expect(all.unusable.isEmpty)
        }
    }
}
