// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What a statement has cost over some calls.
public struct StatementUse: Sendable, Hashable {
    /// How often it ran.
    public var calls: Int
    /// How long it ran, all calls together.
    public var seconds: Double
    /// The shared pages that it found in the cache or had to read, all calls together.
    public var pages: Int

    /// The pages of one call.
    public var pagesPerCall: Double { Double(self.pages) / Double(max(1, self.calls)) }
    /// How long one call took on average.
    public var secondsPerCall: Double { self.seconds / Double(max(1, self.calls)) }

    static let nothing = Self(calls: 0, seconds: 0, pages: 0)

    /// What came since an earlier reading; all of it where the counters began anew meanwhile.
    func since(_ earlier: Self?) -> Self {
        guard let earlier, earlier.calls <= self.calls else { return self }
        return Self(
            calls: self.calls - earlier.calls,
            seconds: max(0, self.seconds - earlier.seconds),
            pages: max(0, self.pages - earlier.pages)
        )
    }

    static func + (one: Self, other: Self) -> Self {
        Self(calls: one.calls + other.calls, seconds: one.seconds + other.seconds, pages: one.pages + other.pages)
    }
}

extension Statement {
    var use: StatementUse {
        StatementUse(calls: self.calls, seconds: self.totalSeconds, pages: self.blocksHit + self.blocksRead)
    }
}
