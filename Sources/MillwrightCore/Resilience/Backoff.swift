// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// How long to wait before trying again: twice as long each time, up to a cap, spread so that clients do not come in step.
public struct Backoff: Sendable, Hashable {
    /// The wait before the first retry.
    public var base: Duration
    /// No wait is longer.
    public var cap: Duration
    /// How far a wait may differ from its plain value: 0.2 is 20 % less to 20 % more.
    public var jitter: Double

    /// Creates a backoff.
    public init(base: Duration, cap: Duration, jitter: Double = 0.2) {
        self.base = base
        self.cap = cap
        self.jitter = jitter
    }

    /// Returns the wait before a retry.
    ///
    /// - Parameters:
    ///   - attempt: 0 before the first retry, 1 before the second, and so on.
    ///   - random: a number from 0 to 1, drawn by the caller; 0.5 gives the plain value.
    public func delay(attempt: Int, random: Double) -> Duration {
        var plain = self.base
        var doublings = attempt
        while doublings > 0, plain > .zero, plain < self.cap {
            plain += plain
            doublings -= 1
        }
        let factor = 1 + self.jitter * (2 * min(max(random, 0), 1) - 1)
        return min(min(plain, self.cap) * factor, self.cap)
    }
}
