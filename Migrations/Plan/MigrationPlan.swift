// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A migration that a database has: a row of `millwright.migrations`.
public struct AppliedMigration: Sendable, Hashable {
    /// The app's label.
    public let app: String
    /// The step's number.
    public let number: Int
    /// The step's name when it was applied.
    public let name: String
    /// The SHA-256 of the SQL that was run, in hexadecimal.
    public let checksum: String

    /// Creates a row.
    public init(app: String, number: Int, name: String, checksum: String) {
        self.app = app
        self.number = number
        self.name = name
        self.checksum = checksum
    }

    /// The name people read: `m0001_create_schema`.
    public var title: String { Migration.title(self.number, self.name) }
}

/// How far to migrate.
public enum MigrationTarget: Sendable, Hashable {
    /// Everything there is.
    case latest
    /// Up to and including this number, forwards or backwards; 0 takes everything back.
    case number(Int)

    /// Reads what a person types: `zero`, `3`, `0003`, `m0003`, `m0003_create_index_history`; `nil` for anything else.
    public init?(_ text: String) {
        if text == "zero" {
            self = .number(0)
            return
        }
        let digits = text.drop { $0 == "m" }.prefix { $0 != "_" }
        guard let number = Int(digits), number >= 0 else { return nil }
        self = .number(number)
    }
}

/// One thing to do.
public struct MigrationStep: Sendable, Hashable {
    /// Forwards or backwards.
    public enum Direction: String, Sendable {
        /// Run the up file.
        case apply
        /// Run the down file.
        case revert
    }

    /// Forwards or backwards.
    public let direction: Direction
    /// Which migration.
    public let migration: Migration
    /// The checksum to write down.
    public let checksum: String

    /// The SQL to run.
    public var sql: String { self.direction == .apply ? self.migration.up : self.migration.down ?? "" }
    /// Whether the SQL runs without a transaction around it.
    public var isOutsideTransaction: Bool { Migration.isMarkedNoTransaction(self.sql) }
}

/// What `migrate` would do, decided from files and rows alone.
public struct MigrationPlan: Sendable, Hashable {
    /// What to do, in order; empty where everything is as it shall be.
    public internal(set) var steps: [MigrationStep] = []
    /// Why none of it must be done; empty where nothing is in the way.
    public internal(set) var problems: [MigrationProblem] = []
}
