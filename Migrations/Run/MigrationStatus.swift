// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// One migration as `showmigrations` lists it.
public struct MigrationStatus: Sendable, Hashable {
    /// How file and database compare.
    public enum State: String, Sendable, CaseIterable {
        /// In the files and in the database.
        case applied
        /// In the files only: `migrate` would apply it.
        case pending
        /// Applied, and the file was changed since.
        case changed
        /// In the database only: a newer version was here.
        case unknown
    }

    /// The app's label.
    public let app: String
    /// The step's number.
    public let number: Int
    /// The step's name.
    public let name: String
    /// How file and database compare.
    public let state: State
    /// When it was applied, in seconds since 1970-01-01 00:00 UTC.
    public let appliedAt: Double?

    /// The name people read: `m0001_create_schema`.
    public var title: String { Migration.title(self.number, self.name) }
}

extension MigrationStatus {
    /// Puts files and rows side by side: the apps in their order, each by number; apps without files come last.
    static func list(
        apps: [MigrationApp],
        applied: [(row: AppliedMigration, at: Double)],
        checksums: [Migration: String]
    ) -> [MigrationStatus] {
        let rest = Set(applied.map(\.row.app)).subtracting(apps.map(\.label)).sorted()
        let all = apps + rest.map { MigrationApp(label: $0, migrations: []) }
        return all.flatMap { app in
            let rows = applied.filter { $0.row.app == app.label }
            let files = app.migrations.map { file in
                Self(file, rows.first { $0.row.number == file.number }, checksum: checksums[file])
            }
            let unknown = rows.filter { row in !app.migrations.contains { $0.number == row.row.number } }
            return (files + unknown.map { Self($0.row, at: $0.at) }).sorted { $0.number < $1.number }
        }
    }

    private init(_ file: Migration, _ applied: (row: AppliedMigration, at: Double)?, checksum: String?) {
        self.app = file.app
        self.number = file.number
        self.name = file.name
        self.appliedAt = applied?.at
        self.state = applied.map { $0.row.checksum == checksum ? .applied : .changed } ?? .pending
    }

    private init(_ row: AppliedMigration, at: Double) {
        self.app = row.app
        self.number = row.number
        self.name = row.name
        self.appliedAt = at
        self.state = .unknown
    }
}
