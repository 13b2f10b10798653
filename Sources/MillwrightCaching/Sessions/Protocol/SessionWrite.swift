// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What a write that PostgreSQL has committed still owes before it may be acknowledged: no node may go on reading what it replaced.
///
/// Either the copy is brought up to date, or the copy is given up and everybody has noticed.
struct SessionWrite: Sendable, Hashable {
    /// What to do next.
    enum Step: Sendable, Hashable {
        /// Ask PostgreSQL for the row: what is known of it is older than the commit may be.
        case ask
        /// Bring the copy up to date; acknowledge where that succeeds.
        case apply(generation: Int, link: Int)
        /// Mark the copy of this generation as suspect.
        case suspect(generation: Int)
        /// Wait until this time, then acknowledge.
        case wait(until: Duration)
        /// Acknowledge.
        case acknowledge
    }

    /// When PostgreSQL's answer to the commit had come.
    private let committedAt: Duration
    private var waitsUntil: Duration?

    init(committedAt: Duration) { self.committedAt = committedAt }

    /// What to do next; ask again after each step but the last.
    mutating func next(on node: SessionNode, at now: Duration) -> Step {
        if let waitsUntil { return now >= waitsUntil ? .acknowledge : .wait(until: waitsUntil) }
        // The row was asked for after the commit, or lately enough that no new generation can have begun to be read since. However slow
        // PostgreSQL is, one answer is enough.
        let isRecent = node.isCurrent(at: now) || node.confirmedFrom >= self.committedAt
        guard isRecent, let trust = node.trust else { return .ask }
        switch trust.phase {
        case .suspect:
            self.waitsUntil = node.settledAt
            return now >= node.settledAt ? .acknowledge : .wait(until: node.settledAt)
        case .trusted, .rebuilding:
            guard let link = node.usableLink else { return .suspect(generation: trust.generation) }
            return .apply(generation: trust.generation, link: link.number)
        }
    }
}
