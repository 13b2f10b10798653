// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightCaching

@Suite("What a node may do with the copy")
struct SessionNodeTests {
    private static let lease = Duration.milliseconds(200)

    private func row(_ generation: Int, _ phase: SessionTrust.Phase, on server: String = "a") -> SessionTrust {
        SessionTrust(generation: generation, phase: phase, serverID: server, lease: Self.lease)
    }

    private func node(_ trust: SessionTrust, askedAt: Duration = .zero, at now: Duration = .zero) -> SessionNode {
        var node = SessionNode(lease: Self.lease)
        node.linked(1, to: "a", at: .zero)
        node.saw(trust, askedAt: askedAt, at: now)
        return node
    }

    @Test("It reads the copy for one lease from when it asked, not from when it was answered")
    func lease() {
        let node = self.node(self.row(1, .trusted), askedAt: .milliseconds(100), at: .milliseconds(250))
        #expect(node.readStart(at: .milliseconds(299)) == .copy(generation: 1, link: 1))
        #expect(node.readStart(at: .milliseconds(300)) == .database)
    }

    @Test("It believes later phases only, and reads no copy in another server or while it is rebuilt")
    func phases() {
        var node = self.node(self.row(2, .rebuilding))
        #expect(node.readStart(at: .milliseconds(1)) == .database)
        // This answer was on its way when the later one came.
        node.saw(self.row(1, .trusted), askedAt: .zero, at: .milliseconds(6))
        #expect(node.trust?.generation == 2)
        node.saw(self.row(2, .trusted), askedAt: .milliseconds(5), at: .milliseconds(6))
        #expect(node.readStart(at: .milliseconds(7)) == .copy(generation: 2, link: 1))
        node.linked(2, to: "b", at: .milliseconds(8))
        #expect(node.readStart(at: .milliseconds(9)) == .database)
    }

    @Test("A write marks the copy where it cannot bring it up to date, and waits a lease from the answer")
    func writes() {
        var node = self.node(self.row(1, .trusted))
        var write = SessionWrite(committedAt: .milliseconds(1), databaseRun: 0, patience: .seconds(5))
        #expect(write.next(on: node, at: .milliseconds(1)) == .apply(generation: 1, link: 1))
        node.lost(1)
        #expect(write.next(on: node, at: .milliseconds(2)) == .suspect(generation: 1))
        node.saw(self.row(1, .suspect), askedAt: .milliseconds(3), at: .milliseconds(10))
        #expect(write.next(on: node, at: .milliseconds(11)) == .wait(until: .milliseconds(210)))
        #expect(write.next(on: node, at: .milliseconds(210)) == .acknowledge)
        var later = SessionWrite(committedAt: .milliseconds(205), databaseRun: 0, patience: .seconds(5))
        #expect(later.next(on: node, at: .milliseconds(210)) == .ask)
    }

    @Test("A write asks for the row once, however long the answer takes")
    func slowAnswers() {
        var node = self.node(self.row(1, .trusted))
        var write = SessionWrite(committedAt: .seconds(1), databaseRun: 0, patience: .seconds(5))
        #expect(write.next(on: node, at: .seconds(1)) == .ask)
        node.saw(self.row(1, .trusted), askedAt: .seconds(1), at: .seconds(2))
        #expect(write.next(on: node, at: .seconds(2)) == .apply(generation: 1, link: 1))
    }

    @Test("After an older row that was asked for when a later one was known, no copy is read before a new generation")
    func goneBack() {
        var node = self.node(self.row(5, .trusted), at: .milliseconds(10))
        var write = SessionWrite(committedAt: .milliseconds(20), databaseRun: 0, patience: .seconds(5))
        // This one was on its way when the later one was seen.
        node.saw(self.row(4, .suspect), askedAt: .milliseconds(9), at: .milliseconds(20))
        #expect(node.readStart(at: .milliseconds(21)) == .copy(generation: 5, link: 1))

        node.saw(self.row(4, .suspect), askedAt: .milliseconds(21), at: .milliseconds(22))
        #expect(node.readStart(at: .milliseconds(23)) == .database)
        #expect(node.lastResort(at: .milliseconds(23)) == nil)
        #expect(node.upkeep(at: .milliseconds(23), allReach: true, quiet: .zero) == .renew(after: 5))
        #expect(write.next(on: node, at: .milliseconds(23)) == .renew(after: 5))
        // A node that had not seen as much went on with the numbers that were lost.
        node.saw(self.row(5, .suspect), askedAt: .milliseconds(24), at: .milliseconds(25))
        #expect(write.next(on: node, at: .milliseconds(26)) == .renew(after: 5))

        node.saw(self.row(6, .suspect), askedAt: .milliseconds(27), at: .milliseconds(28))
        #expect(write.next(on: node, at: .milliseconds(29)) == .wait(until: .milliseconds(228)))
        #expect(write.next(on: node, at: .milliseconds(228)) == .acknowledge)
    }

    @Test("A row of an earlier run of PostgreSQL is not acted on")
    func earlierRun() {
        var row = self.row(6, .trusted)
        row.isOfEarlierRun = true
        var node = self.node(row)
        #expect(node.readStart(at: .milliseconds(3)) == .database)
        #expect(node.lastResort(at: .milliseconds(3)) == nil)
        #expect(node.upkeep(at: .milliseconds(3), allReach: true, quiet: .zero) == .renew(after: 6))
        var write = SessionWrite(committedAt: .milliseconds(2), databaseRun: 0, patience: .seconds(5))
        #expect(write.next(on: node, at: .milliseconds(3)) == .renew(after: 6))
        node.saw(self.row(9, .suspect), askedAt: .milliseconds(4), at: .milliseconds(5))
        #expect(write.next(on: node, at: .milliseconds(6)) == .wait(until: .milliseconds(205)))
    }

    @Test("What one run of PostgreSQL has committed is not acknowledged, nor copied, once another is there")
    func laterRun() {
        var node = self.node(self.row(5, .suspect))
        var write = SessionWrite(committedAt: .milliseconds(1), databaseRun: 0, patience: .seconds(5))
        #expect(write.next(on: node, at: .milliseconds(1)) == .wait(until: .milliseconds(200)))
        var row = self.row(9, .trusted)
        row.databaseRun = 1
        node.saw(row, askedAt: .milliseconds(100), at: .milliseconds(101))
        #expect(write.next(on: node, at: .milliseconds(200)) == .giveUp)
        // What was seen before the commit is no news.
        var later = SessionWrite(committedAt: .milliseconds(150), databaseRun: 2, patience: .seconds(5))
        #expect(later.next(on: node, at: .milliseconds(151)) == .ask)
    }

    @Test("A write that finds no end gives up in time, but waits for a lease that it has begun to wait for")
    func givesUp() {
        var node = self.node(self.row(1, .suspect))
        var write = SessionWrite(committedAt: .seconds(1), databaseRun: 0, patience: .milliseconds(100))
        #expect(write.next(on: node, at: .seconds(1)) == .ask)
        #expect(write.next(on: node, at: .milliseconds(1_100)) == .giveUp)

        node.saw(self.row(2, .suspect), askedAt: .seconds(1), at: .milliseconds(1_050))
        write = SessionWrite(committedAt: .seconds(1), databaseRun: 0, patience: .milliseconds(100))
        #expect(write.next(on: node, at: .milliseconds(1_060)) == .wait(until: .milliseconds(1_250)))
        #expect(write.next(on: node, at: .milliseconds(1_200)) == .wait(until: .milliseconds(1_250)))
        #expect(write.next(on: node, at: .milliseconds(1_250)) == .acknowledge)
    }

    @Test("Redis is used again when it was quiet long enough, everybody reaches it, and no operator forbids it")
    func upkeep() {
        var node = self.node(self.row(1, .suspect))
        let quiet = Duration.seconds(1)
        #expect(node.upkeep(at: .milliseconds(100), allReach: true, quiet: quiet) == .none)
        node.saw(self.row(1, .suspect), askedAt: .milliseconds(1_000), at: .milliseconds(1_000))
        #expect(node.upkeep(at: .milliseconds(1_001), allReach: false, quiet: quiet) == .none)
        #expect(
            node.upkeep(at: .milliseconds(1_001), allReach: true, quiet: quiet) == .rebuild(after: 1, serverID: "a")
        )
        var forbidden = self.row(1, .suspect)
        forbidden.mode = .database
        node.saw(forbidden, askedAt: .milliseconds(1_001), at: .milliseconds(1_001))
        #expect(node.upkeep(at: .milliseconds(1_002), allReach: true, quiet: quiet) == .none)
        node.saw(self.row(2, .rebuilding), askedAt: .milliseconds(1_002), at: .milliseconds(1_003))
        #expect(node.upkeep(at: .milliseconds(1_100), allReach: true, quiet: quiet) == .none)
    }

    @Test("Without PostgreSQL it reads the copy only where Redis was never silent since it last saw the row")
    func lastResort() {
        var node = self.node(self.row(1, .trusted), askedAt: .milliseconds(10), at: .milliseconds(11))
        for time in stride(from: 60, through: 960, by: 100) { node.heard(on: 1, at: .milliseconds(time)) }
        #expect(node.lastResort(at: .milliseconds(1_000)) == .copy(generation: 1, link: 1))
        #expect(node.lastResort(at: .milliseconds(1_500)) == nil)
        node.heard(on: 1, at: .milliseconds(1_510))
        #expect(node.lastResort(at: .milliseconds(1_511)) == nil)
    }

    @Test(
        "What stands in Redis is read as it was written, and nothing else is",
        arguments: [
            SessionEntry.copy(
                StoredSession(version: 7, user: "a:b:ü", expiresAtMilliseconds: 12, payload: [0, 58, 255])
            ),
            .copy(StoredSession(version: 1, user: nil, expiresAtMilliseconds: 0, payload: [])),
            .copy(StoredSession(version: 1, user: "", expiresAtMilliseconds: 0, payload: [1])),
            .tombstone(version: 9), .token("3k"),
        ]
    )
    func entries(_ entry: SessionEntry) {
        #expect(SessionEntry(entry.bytes) == entry)
        for bad in [
            "", "V", "V1:2", "V1:2:9:ab", "V1:2:-x", "V:2:-:J", "V-1:2:-:J", "V99999999999999999999:2:-:J", "X", "Z1",
        ] { #expect(SessionEntry(Array(bad.utf8)) == nil, "\(bad)") }
    }
}
