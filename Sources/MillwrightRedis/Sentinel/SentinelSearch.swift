// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Decides when to look for the primary next.
struct SentinelSearch: Sendable {
    typealias Instant = ContinuousClock.Instant

    private static let backoff = Backoff(base: .milliseconds(20), cap: .milliseconds(250))

    /// Why no primary was found when it was last looked for.
    var failure = RedisError(.noPrimary)
    /// When to look next; `nil` while it is being looked and nothing new has come.
    private(set) var due: Instant?
    /// Since when no primary is trusted; `nil` while one is.
    private(set) var start: Instant?
    private let interval: Duration
    private var lastFound: Instant?
    private var attempts = 0

    init(interval: Duration, at now: Instant) {
        self.interval = interval
        self.due = now
        self.start = now
    }

    /// There is news: look at once.
    mutating func hasNews(at now: Instant) { self.hasten(to: now) }

    /// The primary is trusted no more: look at once, unless it is found and lost in turn.
    mutating func lost(at now: Instant) {
        self.start = now
        if let lastFound, lastFound.duration(to: now) > .seconds(1) { self.attempts = 0 }
        self.hasten(to: now + self.pause)
    }

    /// A primary is trusted.
    mutating func found(at now: Instant) {
        self.start = nil
        self.lastFound = now
    }

    mutating func beginLook() { self.due = nil }

    mutating func endLook(at now: Instant) {
        if self.start == nil { return self.hasten(to: now + self.interval) }
        self.attempts += 1
        self.hasten(to: now + self.pause)
    }

    /// Whether it was looked for so long in vain that nobody else should wait for it.
    func isHopeless(after patience: Duration, at now: Instant) -> Bool {
        self.start.map { $0.duration(to: now) >= patience } ?? false
    }

    private var pause: Duration {
        self.attempts == 0 ? .zero : Self.backoff.delay(attempt: self.attempts - 1, random: .random(in: 0...1))
    }

    private mutating func hasten(to instant: Instant) { self.due = min(self.due ?? instant, instant) }
}
