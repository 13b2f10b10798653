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
        /// Put a generation behind PostgreSQL's loss: a suspect one, after this.
        case renew(after: Int)
        /// Wait until this time, then acknowledge.
        case wait(until: Duration)
        /// Acknowledge.
        case acknowledge
        /// Say that it cannot be acknowledged.
        case giveUp
    }

    /// When PostgreSQL's answer to the commit had come.
    private let committedAt: Duration
    /// The run of PostgreSQL that has committed it.
    private let databaseRun: Int
    /// When no more is tried.
    private let deadline: Duration
    private var waitsUntil: Duration?

    /// - Parameter patience: for how long after the commit something is tried; a lease is waited for all the same.
    init(committedAt: Duration, databaseRun: Int, patience: Duration) {
        self.committedAt = committedAt
        self.databaseRun = databaseRun
        self.deadline = committedAt + patience
    }

    /// What to do next; ask again after each step but the last.
    mutating func next(on node: SessionNode, at now: Duration) -> Step {
        // PostgreSQL was started anew since, and may have lost the write: it must not come into a later copy.
        let isOfThisRun = node.trust?.databaseRun == self.databaseRun
        if !isOfThisRun, node.confirmedFrom >= self.committedAt { return .giveUp }
        if node.needsRenewal { self.waitsUntil = nil }
        if let waitsUntil { return now >= waitsUntil ? .acknowledge : .wait(until: waitsUntil) }
        if now >= self.deadline { return .giveUp }
        if node.needsRenewal, let trust = node.trust { return .renew(after: trust.generation) }
        // The row was asked for after the commit, or lately enough that no new generation can have begun to be read since. However slow
        // PostgreSQL is, one answer is enough.
        let isRecent = node.isCurrent(at: now) || node.confirmedFrom >= self.committedAt
        guard isRecent, isOfThisRun, let trust = node.trust else { return .ask }
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
