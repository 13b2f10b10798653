// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// A check of the caches: a pure verdict on what was seen.
public protocol CacheCheck: Check, Configurable {
    /// Judges what was seen.
    func verdict(on seen: CacheObservation) -> Verdict
}

/// Every check of the caches, in the order of the report.
public enum CacheChecks {
    /// The list.
    public static let all: [any CacheCheck] = [
        CacheErrors(),
        CacheMemory(),
        EvictionPolicies(),
        HotCacheGroups(),
        ImmortalKeys(),
        SharedDatabases(),
        UselessCacheGroups(),
    ]

    /// All checks, with thresholds set by name as the settings give them: `["immortal-keys": ["minimumKeys": "50"]]`.
    ///
    /// Names of other checks are passed over: they belong to the database's.
    public static func all(with thresholds: [String: [String: String]]) throws(ThresholdError) -> [any CacheCheck] {
        var checks: [any CacheCheck] = []
        for check in self.all { checks.append(try check.configured(by: thresholds[type(of: check).name] ?? [:])) }
        return checks
    }
}
