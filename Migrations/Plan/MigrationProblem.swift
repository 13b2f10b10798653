// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Why a plan must not be carried out.
public struct MigrationProblem: Sendable, Hashable {
    /// What kind of problem it is.
    public enum Kind: Sendable, Hashable {
        /// A file was changed after it had been applied.
        case checksumChanged
        /// The database has a step that the files do not: a newer version was here.
        case unknownApplied
        /// A step before an applied one was never applied.
        case gap
        /// A step has to be taken back and cannot be.
        case noDownFile
        /// There is no such app or step.
        case unknownTarget
        /// Another app's rows stand in the table that would be dropped.
        case stillNeeded
    }

    /// What kind of problem it is.
    public let kind: Kind
    /// One sentence.
    public let message: String
}

extension MigrationProblem {
    static func unknownApp(_ app: String, known: [String]) -> Self {
        let hint =
            nearest(app, in: known).map { "Did you mean \($0)?" } ?? "There are: \(known.joined(separator: ", "))."
        return Self(kind: .unknownTarget, message: "There is no app \(app) with migrations. \(hint)")
    }

    static func unknownStep(_ number: Int, in app: MigrationApp) -> Self {
        let last = app.migrations.last?.title ?? "none"
        return Self(kind: .unknownTarget, message: "\(app.label) has no migration \(number); its last is \(last).")
    }

    static func unknownApplied(_ row: AppliedMigration) -> Self {
        Self(
            kind: .unknownApplied,
            message: "The database has \(row.app) \(row.title), which this version does not know: a newer one was here."
        )
    }

    static func checksumChanged(_ migration: Migration) -> Self {
        Self(
            kind: .checksumChanged,
            message: "\(migration.app) \(migration.title) was changed after it had been applied; "
                + "put it back and write a new migration instead."
        )
    }

    static func gap(_ migration: Migration, before last: Int) -> Self {
        Self(
            kind: .gap,
            message: "\(migration.app) \(migration.title) was never applied, but number \(last) was: it came too late."
        )
    }

    static func noDownFile(_ migration: Migration) -> Self {
        Self(
            kind: .noDownFile,
            message: "\(migration.app) \(migration.title) has no down file and cannot be taken back."
        )
    }

    static func stillNeeded(by app: String) -> Self {
        Self(
            kind: .stillNeeded,
            message: "\(app) still has migrations applied, and their rows stand in millwright.migrations: "
                + "take them back first."
        )
    }
}
