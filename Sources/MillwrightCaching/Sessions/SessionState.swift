// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightRedis

/// What a store keeps between requests: the node's decisions, the connection they are about, and a few counters.
struct SessionState: Sendable {
    var node: SessionNode
    /// The connection of the node's link.
    private(set) var connection: RedisConnection?
    private var linksOpened = 0
    /// PostgreSQL's clock, and when it was read on ours.
    private var databaseClock: (milliseconds: Int, at: Duration) = (0, .zero)
    var allReach = false
    var drillShare = 0.0
    /// Whether PostgreSQL did not answer when last asked; only a store whose upkeep runs may say so, because that asks again.
    var isDatabaseDown = false
    var isUpkeepRunning = false
    /// Whether the row of trust is there.
    var isPrepared = false
    var wantsRelink = false
    /// Whether the upkeep has made it, and done what else it does at first.
    var isUpkeepPrepared = false
    /// Writes that may have been stored whose senders were not told so: the copy may be older than they are.
    var suspicionsOwed = 0
    var fills: FillBudget
    var figures = SessionFigures()

    init(lease: Duration, fillsPerSecond: Int) {
        self.node = SessionNode(lease: lease)
        self.fills = FillBudget(perSecond: fillsPerSecond)
    }

    mutating func saw(_ trust: SessionTrust, nowMilliseconds: Int? = nil, askedAt: Duration, at now: Duration) {
        self.node.saw(trust, askedAt: askedAt, at: now)
        self.isDatabaseDown = false
        self.isPrepared = true
        if let nowMilliseconds { self.databaseClock = (nowMilliseconds, now) }
    }

    mutating func linked(_ connection: RedisConnection, to serverID: String, at now: Duration) {
        self.linksOpened += 1
        self.connection = connection
        self.node.linked(self.linksOpened, to: serverID, at: now)
        self.wantsRelink = false
    }

    mutating func lost(_ link: Int) {
        self.node.lost(link)
        if self.node.link == nil { self.connection = nil }
    }

    /// The connection of a link, where it is still the node's.
    func connection(of link: Int) -> RedisConnection? { self.node.link?.number == link ? self.connection : nil }

    /// Whether no link was ever opened.
    var isUnlinked: Bool { self.linksOpened == 0 }

    /// PostgreSQL's clock, in milliseconds since 1970.
    func databaseMilliseconds(at now: Duration) -> Int {
        self.databaseClock.milliseconds + (now - self.databaseClock.at).wholeMilliseconds
    }
}

/// How many copies may be made: so many a second, and no more than that at once.
struct FillBudget: Sendable, Hashable {
    let perSecond: Int
    private var left: Double
    private var countedAt = Duration.zero

    init(perSecond: Int) {
        self.perSecond = perSecond
        self.left = Double(perSecond)
    }

    /// Whether one more may be made.
    mutating func take(at now: Duration) -> Bool {
        let earned = (now - self.countedAt).secondsAsDouble * Double(self.perSecond)
        self.left = min(Double(self.perSecond), self.left + max(0, earned))
        self.countedAt = now
        guard self.left >= 1 else { return false }
        self.left -= 1
        return true
    }
}

/// What a node has counted since it started.
public struct SessionFigures: Sendable, Hashable {
    /// Reads that the copy answered.
    public var copyReads = 0
    /// Reads that PostgreSQL answered.
    public var databaseReads = 0
    /// Reads that a drill sent to PostgreSQL.
    public var drillReads = 0
    /// Reads that nobody could answer.
    public var failedReads = 0
    /// Writes and ends that were acknowledged.
    public var writes = 0
    /// Writes and ends that failed.
    public var failedWrites = 0
    /// How long reads took, by where they were answered, in microseconds: the sum, and the longest.
    public var copyMicroseconds = 0
    /// The same, of PostgreSQL.
    public var databaseMicroseconds = 0
    /// The longest read that PostgreSQL answered.
    public var longestDatabaseMicroseconds = 0

    /// Creates figures of a node that has counted nothing.
    public init() {}
}
