// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// Every check of a database that the toolkit knows, in the order of the report.
public enum Checks {
    /// The checks with their default thresholds: by concern, alphabetical within it.
    public static let all: [any DatabaseCheck] = [
        // Indexes
        BloatedIndexes(),
        CoveredIndexes(),
        DroppedIndexes(),
        DuplicateIndexes(),
        InvalidIndexes(),
        LowValueIndexes(),
        MissingForeignKeyIndexes(),
        MissingIndexes(),
        OversizeIndexes(),
        UnusedIndexes(),
        // Queries
        SlowQueries(),
        // Vacuum
        DeadTuples(),
        OverdueVacuum(),
        TransactionIDAge(),
        XminHorizon(),
        // Locks
        BlockedQueries(),
        IdleTransactions(),
        // Connections
        ConnectionSaturation(),
        IdleConnections(),
        // Sequences
        ExpiringSequences(),
        // Settings
        ServerSettings(),
    ]

    /// All checks, with thresholds set by name as the settings give them: `["unused-indexes": ["minimumWindow": "20s"]]`.
    ///
    /// - Parameter others: names of checks that belong to somebody else; their thresholds are left alone.
    public static func all(
        with thresholds: [String: [String: String]],
        others: Set<String> = []
    ) throws(ThresholdError) -> [any DatabaseCheck] {
        let names = self.all.map { type(of: $0).name }
        for name in thresholds.keys.sorted() where !names.contains(name) && !others.contains(name) {
            throw ThresholdError(check: name, known: names + others.sorted())
        }
        var checks: [any DatabaseCheck] = []
        for check in self.all { checks.append(try check.configured(by: thresholds[type(of: check).name] ?? [:])) }
        return checks
    }
}
