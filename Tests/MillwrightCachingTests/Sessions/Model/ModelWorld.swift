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

    enum Goal: Hashable { case write, delete, read }

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
    }

    var now = 0
    var trust: SessionTrust
    var version = 1
    var isDeleted = false
    var servers: [[Int: Entry]] = [[1: .copy(1)], [1: .copy(1)]]
    var primary = 0
    var stragglers: Set<Straggler> = []
    var nodes: [SessionNode]
    var operations: [Operation?] = [nil, nil]
    var acknowledged = 1
    var isDeletionAcknowledged = false
    var budget: Budget
    /// Which links lead where; a number is never used twice.
    var links: [Int] = [0, 0]

    /// - Parameter phase: what all know of the copy when it begins.
    init(_ budget: Budget, phase: SessionTrust.Phase = .trusted) {
        self.budget = budget
        let trust = SessionTrust(generation: 1, phase: phase, serverID: "0", lease: Self.lease)
        self.trust = trust
        self.nodes = (0..<2).map { number in
            var node = SessionNode(lease: Self.lease)
            node.saw(trust, askedAt: .zero, at: .zero)
            node.linked(number, to: "0", at: .zero)
            return node
        }
    }

    var time: Duration { Self.lease * self.now }
}
