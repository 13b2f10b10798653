// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

/// `millwright.migrations`, as one connection reads and writes it.
struct MigrationTable {
    let connection: PostgresConnection

    /// The migrations that the database has, with the time each was applied; none where the table is not there yet.
    func applied() async throws -> [(row: AppliedMigration, at: PostgresTimestamp)] {
        guard try await self.exists() else { return [] }
        return try await self.connection.query(
            """
            /* millwright:applied-migrations */
            SELECT app, number, name, checksum, applied_at
            FROM millwright.migrations
            ORDER BY app, number
            """,
            as: (String, Int, String, String, PostgresTimestamp).self
        )
        .map { (AppliedMigration(app: $0, number: $1, name: $2, checksum: $3), $4) }
    }

    /// Whether the table is there.
    func exists() async throws -> Bool {
        let rows = try await self.connection.query(
            "/* millwright:migration-table */ SELECT to_regclass('millwright.migrations') IS NOT NULL"
        )
        return try rows.first?.get(0, as: Bool.self) ?? false
    }

    /// The SHA-256 of each migration's up file; the server computes it.
    ///
    /// Line ends do not count: a checkout on another system must not look like a changed file.
    func checksums(of migrations: [Migration]) async throws -> [Migration: String] {
        let files = migrations.map { Self.hexadecimal($0.up.utf8.filter { $0 != UInt8(ascii: "\r") }) }
        let rows = try await self.connection.query(
            """
            /* millwright:migration-checksums */
            SELECT encode(sha256(decode(file, 'hex')), 'hex'), place
            FROM unnest(\(files)::text[]) WITH ORDINALITY AS files (file, place)
            ORDER BY place
            """,
            as: (String, Int).self
        )
        return Dictionary(zip(migrations, rows.map(\.0)), uniquingKeysWith: { first, _ in first })
    }

    /// Writes down that a step was applied.
    func insert(_ step: MigrationStep, seconds: Double) async throws {
        try await self.connection.execute(
            """
            /* millwright:migration-applied */
            INSERT INTO millwright.migrations (app, number, name, checksum, seconds)
            VALUES (\(step.migration.app), \(step.migration.number), \(step.migration.name), \(step.checksum), \(seconds))
            """
        )
    }

    /// Forgets a step that was taken back; where the table itself went with it, there is nothing to forget.
    func delete(_ step: MigrationStep) async throws {
        guard try await self.exists() else { return }
        try await self.connection.execute(
            """
            /* millwright:migration-reverted */
            DELETE FROM millwright.migrations
            WHERE app = \(step.migration.app) AND number = \(step.migration.number)
            """
        )
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
