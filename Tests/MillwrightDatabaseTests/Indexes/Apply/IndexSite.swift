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
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Migrations/sql")
        for name in ["m0001_create_schema", "m0005_create_journal"] {
            try await self.run(String(contentsOf: folder.appending(path: "\(name).up.sql"), encoding: .utf8))
        }
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

    /// Makes a table of a hundred rows on which an index on `slow(a)` takes about a second.
    func makeSlowTable() async throws {
        try await self.run(
            """
            CREATE TABLE t (a int, b int); INSERT INTO t SELECT i, i FROM generate_series(1, 100) AS i;
            CREATE FUNCTION slow(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_sleep(0.01); RETURN $1; END $$;
            """
        )
    }

    /// Returns once a build has come to a phase.
    func waitForBuild(_ phase: String = "building index") async throws {
        try await self.connected(as: "postgres") { connection in
            while try await connection.query(
                """
                SELECT FROM pg_stat_progress_create_index
                WHERE datname = current_database() AND starts_with(phase, \(phase))
                """
            ).isEmpty {
                try Task.checkCancellation()
            }
        }
    }
}
