// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What became of reads: errors are counted apart, because a server that is down is not a cache that misses.
public struct ReadCounts: Sendable, Hashable {
    /// Reads that the cache answered.
    public var hits: Int
    /// Reads that found nothing.
    public var misses: Int
    /// Reads that failed: they say nothing about the cache's use.
    public var errors: Int

    /// Creates counts.
    public init(hits: Int = 0, misses: Int = 0, errors: Int = 0) {
        self.hits = hits
        self.misses = misses
        self.errors = errors
    }

    /// Reads that got an answer, found or not.
    public var reads: Int { self.hits + self.misses }

    /// The share of answered reads that were hits, or `nil` before the first one.
    public var hitRatio: Double? { self.reads == 0 ? nil : Double(self.hits) / Double(self.reads) }

    /// The share of all attempts that failed, or `nil` before the first one.
    public var errorRatio: Double? {
        let attempts = self.reads + self.errors
        return attempts == 0 ? nil : Double(self.errors) / Double(attempts)
    }

    /// Adds up.
    public static func + (one: ReadCounts, other: ReadCounts) -> ReadCounts {
        ReadCounts(
            hits: one.hits + other.hits,
            misses: one.misses + other.misses,
            errors: one.errors + other.errors
        )
    }

    /// Adds up in place.
    public static func += (one: inout ReadCounts, other: ReadCounts) { one = one + other }

    /// Whether nothing was counted.
    public var isEmpty: Bool { self == ReadCounts() }
}
