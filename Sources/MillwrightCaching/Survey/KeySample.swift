// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What a bounded walk over one Redis database saw, folded by alias and key group.
///
/// `SCAN` walks hash buckets in an order that has nothing to do with key names, so the first keys it returns are a fair
/// sample of all; where the walk came to its end, the figures are exact.
public struct KeySample: Sendable, Hashable {
    /// One key group of one alias.
    public struct Group: Sendable, Hashable {
        /// Keys seen.
        public var keys = 0
        /// Of those, keys that never expire.
        public var immortal = 0
        /// Memory of the keys that were measured.
        public var measuredBytes = 0
        /// How many were measured.
        public var measured = 0
        /// How long the expiring keys still live.
        public var remaining = Remaining()

        /// Creates an empty group.
        public init() {}

        /// Memory of all keys seen, projected from the measured ones; `nil` where none was measured.
        public var bytes: Int? {
            guard self.measured > 0 else { return nil }
            return Int((Double(self.measuredBytes) / Double(self.measured) * Double(self.keys)).rounded())
        }
    }

    /// How many keys expire within which span.
    public struct Remaining: Sendable, Hashable {
        /// Within a minute.
        public var minute = 0
        /// Within an hour, but not a minute.
        public var hour = 0
        /// Within a day, but not an hour.
        public var day = 0
        /// Later than that.
        public var later = 0

        /// Counts one key.
        mutating func count(milliseconds: Int) {
            switch milliseconds {
            case ..<60_000: self.minute += 1
            case ..<3_600_000: self.hour += 1
            case ..<86_400_000: self.day += 1
            default: self.later += 1
            }
        }
    }

    /// One key as the walk saw it.
    public struct Key: Sendable, Hashable {
        /// Its name in Redis.
        public var name: String
        /// `PTTL`: milliseconds left, -1 where it never expires, -2 where it is already gone.
        public var remainingMilliseconds: Int
        /// `MEMORY USAGE`, where it was asked.
        public var bytes: Int?

        /// Creates a key.
        public init(_ name: String, remainingMilliseconds: Int, bytes: Int? = nil) {
            self.name = name
            self.remainingMilliseconds = remainingMilliseconds
            self.bytes = bytes
        }
    }

    /// `DBSIZE`: all keys of the database.
    public var keyCount = 0
    /// Keys the walk saw.
    public var visited = 0
    /// Whether the walk came to its end.
    public var isComplete = false
    /// By alias name, then by group.
    public var groups: [String: [String: Group]] = [:]
    /// Keys that belong to no alias and are not Millwright's own.
    public var foreign = 0

    /// Creates an empty sample.
    public init() {}

    /// By how much the figures are to be multiplied to stand for the whole database.
    public var scale: Double {
        guard !self.isComplete, self.visited > 0 else { return 1 }
        return max(1, Double(self.keyCount) / Double(self.visited))
    }
}
