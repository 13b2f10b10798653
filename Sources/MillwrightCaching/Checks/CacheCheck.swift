// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// A check of the caches: a pure verdict on what was seen.
public protocol CacheCheck: Check {
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
}
