// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

@testable import MillwrightCaching

/// One session, two nodes, one PostgreSQL and two Redis servers of which one is the primary, as values.
///
/// The nodes decide by the very code of the store; what is modelled is everything that may happen between their steps. Time goes in
/// ticks, and a lease is one tick: what was asked in this tick may be acted on in this tick, and a wait is over in the next.
struct ModelWorld: Hashable {
    static let lease = Duration.seconds(1)

    /// What is taken out of the protocol, to see that the search notices.
    enum Breakage: CaseIterable {
        /// A write is acknowledged as soon as the copy is marked.
        case noWait
        /// A marked copy is used again under the same generation.
        case sameGeneration
        /// A reader fills the key whether or not its token still stands.
        case noToken
        /// A late, older copy replaces a newer one.
        case noVersion
        /// A copy is used whichever server it is in.
        case anyServer
        /// A rebuilt copy is read at once.
        case noRebuilding
        /// A write trusts what it knew of the row before its commit.
        case staleRow
        /// Who finds a session ended says so, and leaves the copy to whoever has ended it.
        case noBurial
        /// A value that is put anew begins with the first version.
        case firstVersion
        /// A row of trust is believed whichever run of PostgreSQL shows it.
        case anyRun
        /// A write is copied though PostgreSQL was restored since its commit.
        case lostWrite
    }

    enum Entry: Hashable {
        case copy(Int)
        case tombstone(Int)
        case token(Int)
    }

    enum Command: Hashable {
        case apply(Int)
        case bury(Int)
        case token(Int)
        case fill(Int, Int)
    }

    /// A command that its sender has given up: it may still land, or never.
    struct Straggler: Hashable {
        var server: Int
        var generation: Int
        var command: Command
    }

    enum Goal: Hashable { case write, put, delete, read }

    /// Where an operation is.
    enum Stage: Hashable {
        /// A write or deletion: sent to PostgreSQL, with the row as its snapshot saw it.
        case committing(askedAt: Int, row: SessionTrust)
        /// A write or deletion: committed.
        case owing(SessionWrite, version: Int)
        /// A read: about to ask the copy.
        case asking(generation: Int, link: Int)
        /// A read: found nothing, leaves its token.
        case tokening(generation: Int, link: Int)
        /// A read: about to ask PostgreSQL; it may fill under this generation.
        case querying(fill: Int?, link: Int)
        /// A read: has the answer of PostgreSQL, and fills the key with it.
        case filling(generation: Int, link: Int, version: Int)
    }

    struct Operation: Hashable {
        var goal: Goal
        var stage: Stage
        /// What was acknowledged before it began.
        var floor: Int
        var wasDeleted: Bool
        /// Whether it is live, and everybody was told so, for as long as the operation goes on.
        var mustExist: Bool
    }

    /// What PostgreSQL holds.
    struct Database: Hashable {
        var trust: SessionTrust
        /// Its run when the generation began.
        var trustRun = 0
        var version = 1
        var isDeleted = false
        /// Whether `clearsessions` has deleted the row.
        var isCleared = false
    }

    struct Budget: Hashable {
        var ticks = 0
        var writes = 0
        var deletions = 0
        var reads = 0
        /// Commands that Redis does not answer in time.
        var silences = 0
        /// Promotions of the other server, which may lack what was written last.
        var failovers = 0
        var flushes = 0
        /// Values that are stored whether or not there was one.
        var puts = 0
        /// Rows of ended sessions that are cleared.
        var clearings = 0
        /// Nodes that are killed between the commit and the copy.
        var cuts = 0
        /// PostgreSQL servers that are promoted or restored, and lack what was committed last.
        var restorations = 0
    }

    var now = 0
    var database: Database
    /// What it held before the row of trust was last changed.
    var before: Database
    /// How often PostgreSQL was promoted or restored.
    var run = 0
    /// The version that the last restored one had.
    var restored = 0
    /// The highest generation that ever was; the store's clock stands for it.
    var highestGeneration = 1
    var servers: [[Int: Entry]] = [[1: .copy(1)], [1: .copy(1)]]
    var primary = 0
    var stragglers: Set<Straggler> = []
    var nodes: [SessionNode]
    var operations: [Operation?] = [nil, nil]
    var acknowledged = 1
    var isDeletionAcknowledged = false
    /// Whether the last thing that was committed is a live version, and was acknowledged.
    var isLiveAcknowledged = true
    var budget: Budget
    /// Which links lead where; a number is never used twice.
    var links: [Int] = [0, 0]

    /// - Parameter phase: what all know of the copy when it begins.
    init(_ budget: Budget, phase: SessionTrust.Phase = .trusted) {
        self.budget = budget
        let trust = SessionTrust(generation: 1, phase: phase, serverID: "0", lease: Self.lease)
        self.database = Database(trust: trust)
        self.before = self.database
        self.nodes = (0..<2).map { number in
            var node = SessionNode(lease: Self.lease)
            node.saw(trust, askedAt: .zero, at: .zero)
            node.linked(number, to: "0", at: .zero)
            return node
        }
    }

    var time: Duration { Self.lease * self.now }

    /// The row of trust as PostgreSQL shows it now.
    func row(_ breakage: Breakage?) -> SessionTrust {
        var row = self.database.trust
        if breakage == .anyRun { return row }
        row.isOfEarlierRun = self.database.trustRun != self.run
        row.databaseRun = breakage == .lostWrite ? 0 : self.run
        return row
    }

    /// Changes the row of trust.
    mutating func change(_ body: (inout Database) -> Void) {
        if self.budget.restorations > 0 { self.before = self.database }
        body(&self.database)
        self.highestGeneration = max(self.highestGeneration, self.database.trust.generation)
    }

    /// The version after the last one: what a restored PostgreSQL has lost is told apart from what it writes in its place.
    var nextVersion: Int { self.run * Self.runs + Self.number(self.database.version) + 1 }

    /// What the stores see of a version.
    static func number(_ version: Int) -> Int { version % Self.runs }

    /// Whether a version was committed before PostgreSQL was restored without it.
    func isLost(_ version: Int) -> Bool { version < self.run * Self.runs && version > self.restored }

    static let runs = 100
}
