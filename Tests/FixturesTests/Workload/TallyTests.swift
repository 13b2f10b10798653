// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import Fixtures

@Suite("Workload summary")
struct TallyTests {
    private static var tally: Tally {
        var tally = Tally()
        tally.done("order_page", in: .milliseconds(2))
        tally.done("order_page", in: .milliseconds(2))
        tally.failed("place_order")
        tally.read(Tally.Group(alias: "default", name: "search"), isHit: false)
        tally.read(Tally.Group(alias: "default", name: "product"), isHit: true)
        return tally
    }

    @Test("Kinds come in the order asked for, and those that never came are left out")
    func kinds() {
        let summary = Self.tally.summary(of: ["place_order", "my_tasks", "order_page"], seconds: 2)

        #expect(summary.kinds.map(\.name) == ["place_order", "order_page"])
        #expect(summary.kinds.map(\.operations) == [0, 2])
        #expect(summary.kinds.map(\.failures) == [1, 0])
        #expect(summary.kinds[0].median == nil)
        #expect(summary.operationsPerSecond == 1)
    }

    @Test("Tallies of several clients add up")
    func addition() {
        var sum = Self.tally
        sum.add(Self.tally)

        let summary = sum.summary(of: ["order_page"], seconds: 1)

        #expect(summary.kinds.map(\.operations) == [4])
        #expect(summary.reads.map(\.group) == ["product", "search"])
        #expect(summary.reads.map(\.hits) == [2, 0])
        #expect(summary.reads.map(\.misses) == [0, 2])
    }

    @Test("A summary of nothing has no rate and no table of reads")
    func nothing() {
        let section = Tally().summary(of: [], seconds: 0).section

        #expect(section.tables.map(\.key) == ["operations"])
        #expect(section.facts.contains(Evidence("rate", .perSecond(0))))
    }
}
