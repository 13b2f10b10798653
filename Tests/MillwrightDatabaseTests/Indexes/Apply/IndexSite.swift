// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import MillwrightCore
import MillwrightPostgres
import MillwrightTesting
import Testing

@testable import MillwrightDatabase

/// A database in which indexes are built: with Millwright's journal, and limits short enough for a test.
struct IndexSite: Sendable {
    let url: @Sendable (_ role: String) -> String

    static let limits = IndexLimits(wait: .seconds(2), delay: .milliseconds(300), build: .seconds(60))

    /// Lends a database of its own on the shared server.
    static func lend<Value: Sendable>(_ body: (IndexSite) async throws -> Value) async throws -> Value {
        try await TestServers.shared().withDatabase { url in
            let urls = Dictionary(
                uniqueKeysWithValues: ["app", "monitor", "nobody_role", "postgres"].map { ($0, url($0)) }
            )
            let site = IndexSite { urls[$0] ?? "" }
            try await site.makeJournal()
            return try await body(site)
        }
    }

    /// Makes the journal as `manage migrate` does, from the same files.
    func makeJournal() async throws {
        for name in ["m0001_create_schema", "m0005_create_journal"] { try await self.run(migration: name) }
    }

    /// Runs one of the files of `manage migrate`.
    func run(migration name: String) async throws { try await self.run(Self.migration(name)) }

    /// One of the files of `manage migrate`.
    static func migration(_ name: String) throws -> String {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Migrations/sql")
        return try String(contentsOf: folder.appending(path: "\(name).up.sql"), encoding: .utf8)
    }

    func run(_ script: String, as role: String = "app") async throws {
        try await self.connected(as: role) { try await $0.run(script: script) }
    }

    func connected<Value: Sendable>(
        as role: String = "app",
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await PostgresConnection.connect(PostgresConfiguration(self.url(role)))
        let result: Result<Value, any Error>
        do { result = .success(try await body(connection)) } catch { result = .failure(error) }
        await connection.close()
        return try result.get()
    }

    func build(
        _ statements: String,
        as role: String = "app",
        limits: IndexLimits = IndexSite.limits,
        trial: IndexTrial? = nil
    ) async throws -> [IndexOutcome] {
        try await IndexBuilder(PostgresConfiguration(self.url(role)), limits: limits)
            .build(CreateIndex.parse(statements), trial: trial)
    }

    /// The error that keeps a build from even beginning.
    func refusal(_ statement: String, as role: String = "app") async throws -> ToolError? {
        do {
            return try await self.build(statement, as: role).last?.failure?.error
        } catch let error as ToolError {
            return error
        }
    }

    /// The indexes of a table, an invalid one with a mark.
    func indexes(of table: String) async throws -> [String] {
        try await self.connected { connection in
            try await connection.query(
                """
                SELECT i.indexrelid::regclass::text || CASE WHEN i.indisvalid THEN '' ELSE ' (invalid)' END
                FROM pg_index AS i WHERE i.indrelid = \(table)::text::regclass ORDER BY 1
                """,
                as: String.self
            )
        }
    }

    /// The journal: each step's state and statement's first words.
    func journal() async throws -> [String] {
        try await self.connected { connection in
            try await connection.query(
                "SELECT state || ': ' || statement FROM millwright.journal ORDER BY id",
                as: String.self
            )
        }
    }

    /// Makes a table with a function of its column that does not return while a gate is closed.
    ///
    /// So a build on `gated(a)` stays in its first phase for as long as a test needs, however busy the machine is.
    func makeGatedTable() async throws {
        try await self.run(
            """
            CREATE TABLE t (a int, b int); INSERT INTO t SELECT i, i FROM generate_series(1, 100) AS i;
            CREATE FUNCTION gated(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN
                WHILE NOT pg_try_advisory_lock_shared(\(Gate.number)) LOOP PERFORM pg_sleep(0.01); END LOOP;
                PERFORM pg_advisory_unlock_shared(\(Gate.number));
                RETURN $1;
            END $$;
            """
        )
    }

    /// Closes the gate while `body` runs, or until it opens it.
    func withGateClosed<Value: Sendable>(
        as role: String = "app",
        _ body: (Gate) async throws -> Value
    ) async throws -> Value {
        try await self.connected(as: role) { connection in
            try await connection.run(script: "SELECT pg_advisory_lock(\(Gate.number))")
            return try await body(Gate(connection: connection))
        }
    }

    /// What keeps a build from going on: an advisory lock, which is asked for and never waited for, so that the build does not
    /// seem to wait.
    struct Gate: Sendable {
        fileprivate static let number = 7
        fileprivate let connection: PostgresConnection

        func open() async throws {
            try await self.connection.run(script: "SELECT pg_advisory_unlock(\(Self.number))")
        }
    }

    /// Returns once a build has come to its first phase, in which it stays while the gate is closed.
    ///
    /// The index that is rehearsed on an empty copy before goes through the same phases; it is not CONCURRENTLY.
    func waitForBuild() async throws {
        try await self.waitFor(
            """
            SELECT FROM pg_stat_progress_create_index
            WHERE datname = current_database() AND command = 'CREATE INDEX CONCURRENTLY'
              AND starts_with(phase, 'building index')
            """
        )
    }

    /// Returns once a query answers anything.
    func waitFor(_ query: SQL) async throws {
        try await self.connected(as: "postgres") { connection in
            while try await connection.query(query).isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        }
    }

    /// Ends the session that watches a build.
    func endWatch() async throws {
        try await self.waitFor(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%AS p ON p.pid = %'
            """
        )
    }
}
