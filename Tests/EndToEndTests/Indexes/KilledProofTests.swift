// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("manage is killed while it measures", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(3)))
struct KilledProofTests {
    private func connected<Value: Sendable>(
        _ url: String,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await PostgresConnection.connect(PostgresConfiguration(url))
        let result: Result<Value, any Error>
        do { result = .success(try await body(connection)) } catch { result = .failure(error) }
        await connection.close()
        return try result.get()
    }

    /// A database with a table, Millwright's schema, and the path of a workload that one index helps.
    private func withOrders(_ body: (_ app: String, _ superuser: String, _ workload: String) async throws -> Void)
        async throws
    {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).sql").path
        try "SELECT * FROM orders WHERE tenant = 3;\n".write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        try await TestServers.shared().withDatabase { url in
            let (app, superuser) = (url("app"), url("postgres"))
            let migrated = try await ManageProcess(arguments: ["migrate"], environment: ["DATABASE_URL": app]).run()
            #expect(migrated.code == 0, "\(migrated)")
            try await self.connected(app) { connection in
                try await connection.run(
                    script: """
                        CREATE TABLE orders (id int PRIMARY KEY, tenant int, note text);
                        INSERT INTO orders SELECT i, i % 1000, repeat('x', 100) FROM generate_series(1, 30000) AS i
                        """
                )
                try await connection.run(script: "VACUUM ANALYZE orders")
            }
            try await body(app, superuser, file)
        }
    }

    private static let built: SQL =
        "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'orders'::regclass AND indisvalid ORDER BY 1"

    @Test("By kill -9 before a built index was measured: the next run says so, and the next --apply drops it first")
    func unproved() async throws {
        try await self.withOrders { app, superuser, workload in
            var process = ManageProcess(
                arguments: [
                    "index_advisor", "--workload", workload, "--apply", "--verify", "--watch", "5s",
                ],
                environment: ["DATABASE_URL": app]
            )
            // what is built is watched for seconds before anything is judged
            process.killWhen = { try await self.connected(superuser) { try await $0.query(Self.built).count == 2 } }

            let killed = try await process.run()
            let looked = try await ManageProcess(
                arguments: ["index_advisor", "--workload", workload],
                environment: ["DATABASE_URL": app]
            ).run()
            let planned = try await ManageProcess(
                arguments: ["index_build", "CREATE INDEX other ON orders (note)"],
                environment: ["DATABASE_URL": app]
            ).run()
            let left = try await self.connected(app) { try await $0.query(Self.built, as: String.self) }
            let applied = try await ManageProcess(
                arguments: ["index_build", "CREATE INDEX other ON orders (note)", "--apply"],
                environment: ["DATABASE_URL": app]
            ).run()

            #expect(killed.ending == .signalled(9), "\(killed)")
            #expect(left == ["orders_pkey", "orders_tenant_idx"])
            for run in [looked, planned] {
                #expect(run.code == 0 && run.stdout.contains("indexes.W082"), "\(run)")
                #expect(run.stdout.contains("DROP INDEX CONCURRENTLY public.orders_tenant_idx"), "\(run)")
            }
            #expect(applied.code == 0 && applied.stdout.contains("A run that was killed had built it"), "\(applied)")
            try await self.connected(app) { connection in
                #expect(try await connection.query(Self.built, as: String.self) == ["orders_pkey", "other"])
                let journal = try await connection.query(
                    "SELECT state FROM millwright.journal ORDER BY id",
                    as: String.self
                )
                #expect(journal == ["undone", "done"])
            }
        }
    }

    @Test("By kill -9 with a scratch copy standing: the next run drops the copy and does its work")
    func copy() async throws {
        try await self.withOrders { _, superuser, workload in
            let copies: SQL = """
                SELECT datname::text FROM pg_database
                WHERE shobj_description(oid, 'pg_database') LIKE '%copy of ' || current_database() || ',%'
                """
            let arguments = ["index_advisor", "--workload", workload, "--verify"]
            var process = ManageProcess(arguments: arguments, environment: ["DATABASE_URL": superuser])
            process.killWhen = { try await self.connected(superuser) { try await !$0.query(copies).isEmpty } }

            let killed = try await process.run()
            let again = try await ManageProcess(arguments: arguments, environment: ["DATABASE_URL": superuser]).run()
            let left = try await self.connected(superuser) { try await $0.query(copies, as: String.self) }

            #expect(killed.ending == .signalled(9), "\(killed)")
            #expect(again.code == 0 && again.stdout.contains("proved"), "\(again)")
            #expect(left == [])
        }
    }
}
