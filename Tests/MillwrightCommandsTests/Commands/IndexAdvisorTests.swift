// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import MillwrightCommands
import MillwrightCore
import MillwrightPostgres
import MillwrightTesting
import Testing

@Suite("index_advisor", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct IndexAdvisorTests {
    /// A database with one big table, and a folder with a workload on it.
    private func withShop(_ body: (_ environment: [String: String], _ folder: String) async throws -> Void) async throws
    {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let sql = "-- weight: 5\nSELECT * FROM orders WHERE tenant = 3;\nSELECT * FROM missing;\n"
        try sql.write(to: folder.appendingPathComponent("shop.sql"), atomically: true, encoding: .utf8)
        try await TestServers.shared().withDatabase { url in
            let connection = try await PostgresConnection.connect(PostgresConfiguration(url("app")))
            try await connection.run(
                script: """
                    CREATE TABLE orders (id int PRIMARY KEY, tenant int, note text);
                    INSERT INTO orders SELECT i, i % 1000, repeat('x', 100) FROM generate_series(1, 30000) AS i
                    """
            )
            try await connection.run(script: "VACUUM ANALYZE")
            await connection.close()
            try await body(
                ["DATABASE_URL": url("app"), "MILLWRIGHT_DATABASES_MAKER_URL": url("postgres")],
                folder.path
            )
        }
    }

    @Test("--format sql writes just the statements, ready for psql")
    func sql() async throws {
        try await self.withShop { environment, folder in
            let result = await run("index_advisor", "--workload", folder, "--format", "sql", environment: environment)

            let statements = result.stdout.split(separator: "\n").filter { !$0.hasPrefix("--") }
            #expect(result.code == .ok)
            #expect(statements == ["CREATE INDEX CONCURRENTLY orders_tenant_idx ON public.orders (tenant);"])
        }
    }

    @Test("The report has the set, the curve and what was not judged; --explain adds both plans")
    func report() async throws {
        try await self.withShop { environment, folder in
            let result = await run(
                "index_advisor",
                "--workload",
                "\(folder)/shop.sql",
                "--explain",
                "SELECT * FROM orders WHERE tenant = 4",
                "--format",
                "json",
                environment: environment
            )

            #expect(result.code == .ok, "\(result.stderr)")
            for mark in [
                "indexes.I090", "cost_curve", "unusable_statements", "shop.sql:3", "SQLSTATE 42P01", "plan_before",
                "Seq Scan",
                "plan_after", "btree_orders_tenant",
            ] {
                #expect(result.stdout.contains(mark), "\(mark) is missing")
            }
        }
    }

    @Test("A budget too small for any index gives none; wrong arguments end with 64")
    func arguments() async throws {
        try await self.withShop { environment, folder in
            let tight = await run(
                "index_advisor",
                "--workload",
                folder,
                "--storage-budget",
                "8kB",
                "--format",
                "sql",
                environment: environment
            )
            let nonsense = await run("index_advisor", "--storage-budget", "much", environment: environment)
            let absent = await run("index_advisor", "--workload", "\(folder)/none.sql", environment: environment)

            #expect(tight.code == .ok && tight.stdout == "-- Nothing to do.\n")
            #expect(nonsense.code == .usage && nonsense.stderr.contains("620MB"))
            #expect(absent.code == .usage && absent.stderr.contains("No such file"))
        }
    }

    @Test(
        "--apply --verify builds the set in place and keeps what was measured to help; then nothing is left to advise"
    )
    func apply() async throws {
        try await self.withShop { environment, folder in
            let advise = ["index_advisor", "--workload", "\(folder)/shop.sql", "--format", "json"]
            let early = await run(advise + ["--apply"], environment: environment)
            _ = await run("migrate", environment: environment)
            let built = await run(advise + ["--apply", "--verify", "--watch", "10ms"], environment: environment)
            let again = await run(advise, environment: environment)
            let unmeasured = await run(advise + ["--apply", "--try-gin"], environment: environment)

            #expect(early.code == .unavailable && early.stderr.contains("manage migrate"), "\(early.stderr)")
            #expect(built.code == .ok, "\(built.stderr)")
            for mark in ["\"built\"", "gains", "their time after", "indexes.I090", "SHARE UPDATE EXCLUSIVE"] {
                #expect(built.stdout.contains(mark), "\(mark) is missing")
            }
            #expect(again.code == .ok && !again.stdout.contains("indexes.I090"))
            #expect(unmeasured.code == .usage && unmeasured.stderr.contains("--verify"))
        }
    }

    @Test("--apply --replace drops an index that the set serves as well, and index_audit --undo has it again")
    func replace() async throws {
        try await self.withShop { environment, folder in
            let sql = "SELECT id FROM orders WHERE tenant = 3 AND id > 29000"
            try sql.write(toFile: "\(folder)/shop.sql", atomically: true, encoding: .utf8)
            let connection = try await PostgresConnection.connect(
                PostgresConfiguration(environment["DATABASE_URL"] ?? "")
            )
            try await connection.run(script: "CREATE INDEX old ON orders (tenant)")
            let names = {
                try await connection.query(
                    "SELECT indexname FROM pg_indexes WHERE tablename = 'orders'",
                    as: String.self
                )
            }
            _ = await run("migrate", environment: environment)

            let built = await run(
                ["index_advisor", "--workload", folder, "--apply", "--replace", "--format", "json"],
                environment: environment
            )
            let after = try await names()
            let undone = await run("index_audit", "--undo", "--apply", environment: environment)
            let again = try await names()
            await connection.close()

            #expect(built.code == .ok, "\(built.stderr)")
            #expect(built.stdout.contains("given back by indexes that go"))
            #expect(Set(after) == ["orders_pkey", "orders_tenant_id_idx"])
            #expect(undone.code == .ok, "\(undone.stderr)")
            #expect(again.contains("old"))
        }
    }

    @Test("With --apply the timeout is for looking: what is built and watched for longer is no longer bounded by it")
    func timeout() async throws {
        try await self.withShop { environment, folder in
            _ = await run("migrate", environment: environment)
            let built = await run(
                ["index_advisor", "--workload", "\(folder)/shop.sql", "--apply", "--verify"]
                    + ["--timeout", "10s", "--watch", "6s", "--format", "json"],
                environment: environment
            )

            #expect(built.code == .ok, "\(built.stderr)")
            #expect(built.stdout.contains("\"built\""))
        }
    }

    @Test("--verify alone proves the set on a scratch copy, changes nothing, and advises what proved itself")
    func copy() async throws {
        try await self.withShop { environment, folder in
            let advise = ["index_advisor", "--workload", "\(folder)/shop.sql"]
            let denied = await run(advise + ["--verify"], environment: environment)
            let small = await run(
                advise + ["--verify", "--copy-to", "maker", "--copy-limit", "1MB"],
                environment: environment
            )
            let proved = await run(
                advise + ["--verify", "--copy-to", "maker", "--format", "json"],
                environment: environment
            )
            let again = await run(advise + ["--format", "json"], environment: environment)
            let misplaced = await run(
                advise + ["--apply", "--verify", "--copy-limit", "1MB"],
                environment: environment
            )

            #expect(denied.code == .unavailable && denied.stderr.contains("CREATEDB"), "\(denied.stderr)")
            #expect(small.code == .notWell && small.stderr.contains("a copy may take 1 MB"), "\(small.stderr)")
            #expect(proved.code == .ok, "\(proved.stderr)")
            for mark in ["a scratch copy, dropped again", "\"proved\"", "gains", "indexes.I090", "orders_tenant_idx"] {
                #expect(proved.stdout.contains(mark), "\(mark) is missing")
            }
            #expect(again.stdout.contains("indexes.I090"))
            #expect(misplaced.code == .usage)
        }
    }
}
