// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Decides while an index is built whether the build may go on.
///
/// It starts no task and reads no clock, so a test drives it as plain calls.
struct BuildWatch: Sendable {
    /// What was seen of a build at one moment.
    struct Sample: Sendable, Hashable {
        /// As `pg_stat_progress_create_index` has it; `nil` before it begins and where it cannot be seen.
        var phase: String?
        /// From 0 to 1, where the phase counts anything.
        var share: Double?
        /// Whether the build waits for other transactions.
        var isWaiting = false
        /// How long another session waits for the build, with a lock that others queue behind, in seconds.
        var longestVictimSeconds = 0.0
    }

    /// Why a build is stopped.
    enum Reason: Sendable, Hashable {
        /// It has waited long enough for others.
        case waitedTooLong
        /// Another session has waited long enough for it.
        case delaysOthers
        /// It takes longer than it may.
        case tookTooLong
        /// It cannot be watched any more, not by a new connection either.
        case lostSight
    }

    /// How many looks in a row may fail; the second is by a new connection already.
    private static let misses = 3

    var limits: IndexLimits
    private var waitingSince: Double?
    private var missed = 0

    init(limits: IndexLimits) { self.limits = limits }

    /// Takes a sample `elapsed` seconds after the start; a reason ends the build.
    mutating func take(_ sample: Sample, at elapsed: Double) -> Reason? {
        self.missed = 0
        if sample.longestVictimSeconds >= self.limits.delay.seconds { return .delaysOthers }
        if elapsed >= self.limits.build.seconds { return .tookTooLong }
        guard sample.isWaiting else {
            self.waitingSince = nil
            return nil
        }
        let since = self.waitingSince ?? elapsed
        self.waitingSince = since
        return elapsed - since >= self.limits.wait.seconds ? .waitedTooLong : nil
    }

    /// Takes that nothing could be seen.
    mutating func miss() -> Reason? {
        self.missed += 1
        return self.missed >= Self.misses ? .lostSight : nil
    }
}

/// How long a change of indexes may take, wait, and keep others waiting.
public struct IndexLimits: Sendable, Hashable {
    /// How long it waits for transactions that are in its way, before it begins and while it runs.
    public var wait: Duration
    /// How long another session may wait for it before it gives way.
    public var delay: Duration
    /// How long one build may take.
    public var build: Duration

    /// Creates limits.
    public init(wait: Duration = .seconds(60), delay: Duration = .seconds(1), build: Duration = .seconds(6 * 3600)) {
        self.wait = wait
        self.delay = delay
        self.build = build
    }
}
