// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What one node knows of the copy's trust and of its own way to Redis, and what follows for reads and upkeep.
///
/// It holds no lock, starts no task and reads no clock; times are spans since any fixed start of the node's monotonic clock.
///
/// A node may act on the row for one lease from the moment it *asked* for it. Who changes the row waits one lease from the moment the
/// change was *answered* before relying on it: by then nobody acts on the old row any more. That is all the agreement there is, and
/// it needs no clock that two nodes share, only clocks that run equally fast.
struct SessionNode: Sendable, Hashable {
    /// A connection to Redis whose server said that it is the primary, and which run it is.
    struct Link: Sendable, Hashable {
        /// Which connection, counted by the node.
        var number: Int
        /// The server's run.
        var serverID: String
        /// When the server had said so.
        var openedAt: Duration
        /// When it last answered anything.
        var answeredAt: Duration
        /// Since when no two answers were further apart than a lease.
        var unbrokenSince: Duration
    }

    /// The node's own lease, from its settings.
    let lease: Duration
    /// The row as last seen; `nil` before the first time.
    private(set) var trust: SessionTrust?
    /// When the question was sent whose answer last showed it.
    private(set) var confirmedFrom = Duration.zero
    /// When an answer first showed this generation in this phase.
    private(set) var seenAt = Duration.zero
    /// Whether PostgreSQL has shown an older row since: it was restored, or a standby was promoted that lacked the last change.
    private(set) var hasGoneBack = false
    /// The way to Redis; `nil` where there is none.
    private(set) var link: Link?

    init(lease: Duration) { self.lease = lease }

    // MARK: What it learns

    /// An answer of PostgreSQL shows the row.
    ///
    /// One that was asked for after a later row was seen, and is older, shows that PostgreSQL has gone back. From then on only a
    /// generation of which nobody has heard is believed.
    mutating func saw(_ trust: SessionTrust, askedAt: Duration, at now: Duration) {
        if self.isNews(trust) {
            self.trust = trust
            self.confirmedFrom = askedAt
            self.seenAt = now
            self.hasGoneBack = false
        } else if let known = self.trust, !self.hasGoneBack {
            if trust.progress == known.progress, askedAt >= self.confirmedFrom {
                self.trust = trust
                self.confirmedFrom = askedAt
            } else if trust.progress < known.progress, askedAt > self.seenAt {
                self.hasGoneBack = true
            }
        }
    }

    private func isNews(_ trust: SessionTrust) -> Bool {
        guard let known = self.trust else { return true }
        return self.hasGoneBack ? trust.generation > known.generation : trust.progress > known.progress
    }

    /// A connection to Redis is there, and its server has said who it is.
    mutating func linked(_ number: Int, to serverID: String, at now: Duration) {
        self.link = Link(number: number, serverID: serverID, openedAt: now, answeredAt: now, unbrokenSince: now)
    }

    /// Redis answered on a connection.
    mutating func heard(on number: Int, at now: Duration) {
        guard var link, link.number == number, now >= link.answeredAt else { return }
        if now - link.answeredAt > self.holds { link.unbrokenSince = now }
        link.answeredAt = now
        self.link = link
    }

    /// A command on a connection failed: it is not used again.
    mutating func lost(_ number: Int) {
        if self.link?.number == number { self.link = nil }
    }

    // MARK: What follows

    /// For how long it may act on the row: the shorter of what its settings and the row say.
    private var holds: Duration { min(self.lease, self.trust?.lease ?? self.lease) }
    /// For how long others may act on a row that they had seen: the longer of both.
    private var waits: Duration { max(self.lease, self.trust?.lease ?? self.lease) }

    /// Whether the row may be acted on.
    func isCurrent(at now: Duration) -> Bool { self.trust != nil && now < self.confirmedFrom + self.holds }

    /// Whether PostgreSQL may have lost what the copy has, so that a generation must begin of which nobody has heard.
    var needsRenewal: Bool { self.hasGoneBack || self.trust?.isOfEarlierRun == true }

    /// From when nobody acts on what the row said before.
    var settledAt: Duration { self.seenAt + self.waits }

    /// The link where it leads to the server that the copy is in.
    var usableLink: Link? {
        guard let link, let trust, trust.serverID == link.serverID else { return nil }
        return link
    }

    /// Where a read begins.
    enum ReadStart: Sendable, Hashable {
        /// In the copy.
        case copy(generation: Int, link: Int)
        /// In PostgreSQL.
        case database
    }

    /// Where a read begins.
    func readStart(at now: Duration) -> ReadStart {
        guard self.isCurrent(at: now), !self.needsRenewal, let trust, trust.phase == .trusted,
            let link = self.usableLink
        else { return .database }
        return .copy(generation: trust.generation, link: link.number)
    }

    /// The copy that a read may use where PostgreSQL does not answer; `nil` where there is none.
    ///
    /// Nobody can change the row while PostgreSQL is down, and nothing is acknowledged. What may have changed between the last look
    /// at the row and the outage, Redis would have shown to this node as well, by a silence longer than a lease.
    func lastResort(at now: Duration) -> ReadStart? {
        guard let trust, !self.needsRenewal, trust.phase == .trusted, let link = self.usableLink,
            link.unbrokenSince <= self.confirmedFrom, now - link.answeredAt <= self.holds
        else { return nil }
        return .copy(generation: trust.generation, link: link.number)
    }

    /// What a node does beside the requests.
    enum Upkeep: Sendable, Hashable {
        /// Nothing.
        case none
        /// Ask Redis again who is the primary, and connect to it.
        case relink
        /// Say that the copy of this generation is not to be used.
        case suspect(generation: Int)
        /// Put a generation behind PostgreSQL's loss: a suspect one, after this.
        case renew(after: Int)
        /// Begin a new generation in this server.
        case rebuild(after: Int, serverID: String)
        /// Let readers use the copy.
        case trust(generation: Int)
    }

    /// What a node does beside the requests.
    ///
    /// - Parameters:
    ///   - allReach: whether every node that lives reaches the same server as this one.
    ///   - quiet: how long Redis must have answered without a break before it is used again.
    func upkeep(at now: Duration, allReach: Bool, quiet: Duration) -> Upkeep {
        if self.needsRenewal, let trust { return .renew(after: trust.generation) }
        guard self.isCurrent(at: now), let trust else { return .none }
        guard let link else { return .relink }
        switch trust.phase {
        case .trusted where link.serverID != trust.serverID, .rebuilding where link.serverID != trust.serverID:
            // It may be this node that looks at a deposed primary.
            return link.openedAt > self.seenAt ? .suspect(generation: trust.generation) : .relink
        case .trusted: return .none
        case .rebuilding:
            return now >= self.settledAt ? .trust(generation: trust.generation) : .none
        case .suspect:
            guard trust.mode != .database, now >= self.settledAt else { return .none }
            let isReady = trust.mode == .redis || (allReach && now - link.unbrokenSince >= quiet)
            return isReady ? .rebuild(after: trust.generation, serverID: link.serverID) : .none
        }
    }
}
