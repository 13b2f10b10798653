// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightTesting
import Testing

@testable import Migrations

@Suite("Migration runner", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(1)))
struct MigrationRunnerTests {
    private func withRunner(
        _ files: [(String, String)] = [],
        _ body: (MigrationRunner, PostgresConnection) async throws -> Void
    ) async throws {
        try await TestServers.shared().withDatabase { url in
            let app = try MigrationApp(label: "shop", files: files.map { (name: $0.0, text: $0.1) })
            let runner = MigrationRunner(PostgresConfiguration(url("app")), hostApps: files.isEmpty ? [] : [app])
            let connection = try await PostgresConnection.connect(PostgresConfiguration(url("app")))
            try await body(runner, connection)
            await connection.close()
        }
    }

    private func tables(_ connection: PostgresConnection) async throws -> [String] {
        try await connection.query(
            """
            SELECT oid::regclass::text FROM pg_class
            WHERE relkind = 'r' AND relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('millwright', 'public'))
            ORDER BY 1
            """
        ).map { try $0.get(0, as: String.self) }
    }

    @Test("A fresh database gets the schema, a second run does nothing, and zero takes all of it back")
    func thereAndBack() async throws {
        try await self.withRunner { runner, connection in
            let first = try await runner.migrate()
            let tables = try await self.tables(connection)
            let second = try await runner.migrate()
            let back = try await runner.migrate(target: .number(0))

            #expect(first.map(\.migration) == Migrations.all)
            #expect(
                tables == [
                    "millwright.findings", "millwright.index_history", "millwright.journal", "millwright.migrations",
                    "millwright.samples", "millwright.schedules", "millwright.session_events",
                    "millwright.session_nodes", "millwright.session_trust", "millwright.sessions",
                ]
            )
            #expect(second.isEmpty)
            #expect(back.map(\.migration) == Migrations.all.reversed())
            #expect(try await self.tables(connection).isEmpty)
        }
    }

    @Test("A plan tells every step and changes nothing")
    func planChangesNothing() async throws {
        try await self.withRunner { runner, connection in
            let plan = try await runner.plan()

            #expect(plan.steps.map(\.migration) == Migrations.all)
            #expect(try await self.tables(connection).isEmpty)
        }
    }

    @Test("Checksums are SHA-256, and line ends do not count")
    func checksums() async throws {
        try await self.withRunner { runner, connection in
            let files = ["abc\n", "abc\r\n"].enumerated().map {
                Migration(app: "shop", number: $0.offset, name: "a", up: $0.element, down: nil)
            }

            let sums = try await MigrationTable(connection: connection).checksums(of: files)

            let expected = "edeaaff3f1774ad2888673770c6d64097e391bc362d7d6fb34982ddf0efd18cb"
            #expect(files.map { sums[$0] } == [expected, expected])
        }
    }

    @Test("A failing step is rolled back, the steps before it stay, and the next run goes on there")
    func failingStepIsRolledBack() async throws {
        let files = [
            ("m0001_good.up.sql", "CREATE TABLE good (id int)"),
            ("m0002_bad.up.sql", "CREATE TABLE half (id int); SELECT 1 / 0"),
        ]
        try await self.withRunner(files) { runner, connection in
            let error = try await runner.refusal()
            let states = try await runner.status().filter { $0.app == "shop" }.map(\.state)

            #expect(error?.exitCode == .notWell)
            #expect(error?.description.contains("shop m0002_bad") == true)
            #expect(error?.description.contains("division") == false)
            #expect(error?.debugDescription.contains("division by zero") == true)
            #expect(states == [.applied, .pending])
            #expect(try await self.tables(connection).filter { !$0.hasPrefix("millwright.") } == ["good"])
        }
    }

    @Test("A marked file runs without a transaction, statement by statement")
    func runsOutsideTransaction() async throws {
        let files = [
            ("m0001_table.up.sql", "CREATE TABLE thing (id int)"),
            (
                "m0002_index.up.sql",
                """
                -- millwright: no-transaction
                CREATE INDEX CONCURRENTLY thing_id_idx ON thing (id);
                COMMENT ON INDEX thing_id_idx IS 'a; b';
                """
            ),
        ]
        try await self.withRunner(files) { runner, connection in
            try await runner.migrate()
            let rows = try await connection.query("SELECT obj_description('thing_id_idx'::regclass)")

            #expect(try rows.first?.get(0, as: String.self) == "a; b")
        }
    }

    @Test("A file that ends its transaction itself is refused")
    func refusesCommit() async throws {
        try await self.withRunner([("m0001_sly.up.sql", "CREATE TABLE sly (id int); COMMIT")]) { runner, _ in
            let error = try await runner.refusal()

            #expect(error?.stopped == ["The file ends its transaction itself."])
        }
    }

    @Test("What a file sets for its session does not reach the next file")
    func settingsDoNotLeak() async throws {
        let files = [
            ("m0001_path.up.sql", "CREATE SCHEMA other; SET search_path TO other"),
            ("m0002_table.up.sql", "CREATE TABLE thing (id int)"),
        ]
        try await self.withRunner(files) { runner, connection in
            try await runner.migrate()

            #expect(try await self.tables(connection).contains("thing"))
        }
    }

    @Test("A table that somebody else has locked makes the step give up in time, to be tried later")
    func givesUpOnLock() async throws {
        let files = [
            ("m0001_table.up.sql", "CREATE TABLE t (id int)"), ("m0002_add.up.sql", "ALTER TABLE t ADD a int"),
        ]
        try await self.withRunner(files) { runner, connection in
            var runner = runner
            runner.lockTimeout = .milliseconds(50)
            try await runner.migrate(app: "millwright")
            try await runner.migrate(app: "shop", target: .number(1))
            try await connection.run(script: "BEGIN; LOCK TABLE t IN ACCESS SHARE MODE")

            let error = try await runner.refusal()

            #expect(error?.exitCode == .tryLater)
        }
    }

    @Test("A second run is told who holds the lock")
    func secondRunIsTold() async throws {
        try await self.withRunner { runner, connection in
            let held = try await MigrationLock.take(on: connection)

            let error = try await runner.refusal()

            #expect(held == nil)
            #expect(error?.exitCode == .tryLater)
            #expect(error?.stopped.first?.contains("process \(await connection.backendPID)") == true)
        }
    }

    @Test("The records of a host's other migrations are left alone")
    func leavesDjangoAlone() async throws {
        try await self.withRunner { runner, connection in
            try await connection.run(
                script: "CREATE TABLE django_migrations (id int); INSERT INTO django_migrations VALUES (1)"
            )

            try await runner.migrate()
            try await runner.migrate(target: .number(0))

            #expect(try await connection.query("SELECT id FROM django_migrations").count == 1)
        }
    }

    @Test("A role whose transactions are read-only is told so")
    func refusesReadOnly() async throws {
        try await self.withRunner { runner, _ in
            var runner = runner
            runner.configuration.guards.isReadOnly = true

            let error = try await runner.refusal()

            #expect(error?.exitCode == .unavailable)
        }
    }
}

extension MigrationRunner {
    /// Why `migrate` refuses.
    func refusal(sourceLocation: SourceLocation = #_sourceLocation) async throws -> MigrationError? {
        do {
            try await self.migrate()
            Issue.record("migrated, but should have refused", sourceLocation: sourceLocation)
            return nil
        } catch let error as MigrationError {
            return error
        }
    }
}
