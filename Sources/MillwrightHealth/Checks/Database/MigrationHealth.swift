// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore
import MillwrightPostgres

/// Whether the database is where this program's migrations are.
///
/// A node that was deployed ahead of its migrations serves errors; a rolling deployment passes through that state, so it is
/// a warning.
public struct MigrationHealth: TunableHealthCheck {
    /// How files and database compare.
    public struct Counts: Sendable, Hashable {
        /// In both.
        public var applied: Int
        /// In the files only.
        public var pending: Int
        /// In both, and the file was changed since.
        public var changed: Int

        /// Creates the counts.
        public init(applied: Int = 0, pending: Int = 0, changed: Int = 0) {
            self.applied = applied
            self.pending = pending
            self.changed = changed
        }
    }

    /// None.
    public static let thresholds: [Threshold<MigrationHealth>] = []

    /// The check's name: `migrations` for the alias `default`, otherwise `migrations.<alias>`.
    public let name: String
    /// What its failure means.
    public var criticality: HealthCriticality
    /// How often it runs.
    public var schedule: HealthSchedule
    private let isExpected: Bool
    private let counts: @Sendable () async throws -> Counts

    /// Creates the check.
    ///
    /// - Parameters:
    ///   - alias: the database's alias in the settings.
    ///   - isExpected: whether the host has migrations of its own; Millwright's alone may never have been applied, and
    ///     nothing misses them.
    ///   - criticality: what a failure means.
    ///   - schedule: how often it runs.
    ///   - counts: compares files and database.
    public init(
        _ alias: String = "default",
        isExpected: Bool,
        criticality: HealthCriticality = .degrading,
        schedule: HealthSchedule = HealthSchedule(interval: .seconds(30)),
        counts: @escaping @Sendable () async throws -> Counts
    ) {
        self.name = HealthName.of("migrations", alias)
        self.isExpected = isExpected
        self.criticality = criticality
        self.schedule = schedule
        self.counts = counts
    }

    /// Looks once.
    public func run() async throws -> HealthResult {
        do {
            return self.result(try await self.counts())
        } catch let error as PostgresError {
            return error.healthResult()
        }
    }

    /// Judges the counts.
    func result(_ counts: Counts) -> HealthResult {
        let facts = [
            Evidence("applied", .count(counts.applied)), Evidence("pending", .count(counts.pending)),
            Evidence("changed", .count(counts.changed)),
        ]
        if counts.changed > 0 { return HealthResult(.warn, code: "migrations.changed", facts: facts) }
        let isMissed = counts.pending > 0 && (self.isExpected || counts.applied > 0)
        return isMissed ? HealthResult(.warn, code: "migrations.pending", facts: facts) : .pass(facts)
    }
}
