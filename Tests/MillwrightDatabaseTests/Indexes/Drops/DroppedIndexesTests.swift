// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightDatabase

@Suite("Indexes that statements miss since Millwright dropped them")
struct DroppedIndexesTests {
    /// Dropped a day ago, when the statements' counters were thirty days old.
    private func observation(
        _ before: [Statement],
        _ now: [Statement],
        change: (inout KeptDrop.Figures) -> Void = { _ in },
        pages: Int = 1000,
        reset: Double = 70,
        hidden: Int = 0
    ) -> DroppedIndexes.Observation {
        let day = 86_400.0
        var figures = KeptDrop.Figures(pages: 1000, resetAt: 70 * day, evictions: 0)
        for statement in before { figures.statements[statement.id] = statement.use }
        change(&figures)
        var statistics = StatementStatistics()
        statistics.statements = now
        statistics.hidden = hidden
        statistics.evictions = 0
        var target = DropReading.of().targets[0]
        target.pages = pages
        return DroppedIndexes.Observation(
            drops: [KeptDrop(index: "public.ix", table: "public.t", age: day, figures: figures)],
            now: DropsNow(statistics: statistics, resetAt: reset * day, now: 100 * day, targets: [target])
        )
    }

    private func isUnknown(_ verdict: Verdict) -> Bool { if case .unknown = verdict { true } else { false } }

    private let before = [Statement.counted("1", calls: 100, pages: 3)]
    private let slow = [Statement.counted("1", calls: 200, pages: 500, seconds: 0.1)]

    @Test("A statement that reads many more pages since is a finding, with what it cost before and since")
    func missed() {
        let finding = DroppedIndexes().verdict(on: self.observation(self.before, self.slow)).findings.first

        #expect(finding?.id == "indexes.W021" && finding?.subject == "public.ix")
        #expect(finding?.evidence.contains(Evidence("calls since", 100)) == true)
        #expect(finding?.evidence.contains(Evidence("pages a call since", .number(997))) == true)
        #expect(finding?.remedy?.commands == ["manage index_audit --undo --apply"])
    }

    @Test("As before is ok; nothing dropped is ok; nothing run, or hidden, is unknown")
    func notMissed() {
        let check = DroppedIndexes()
        let same = [Statement.counted("1", calls: 200, pages: 3)]

        #expect(check.verdict(on: self.observation(self.before, same)).marks == [])
        #expect(!self.isUnknown(check.verdict(on: self.observation(self.before, same))))
        #expect(!self.isUnknown(check.verdict(on: .init())))
        #expect(self.isUnknown(check.verdict(on: self.observation(self.before, self.before))))
        #expect(self.isUnknown(check.verdict(on: self.observation(self.before, same, hidden: 1))))
    }

    @Test("Where nothing was kept it is unknown, and of a table that is gone nothing is said")
    func notKept() {
        let check = DroppedIndexes()
        var unkept = self.observation(self.before, self.slow)
        unkept.drops[0].figures = nil
        var gone = self.observation(self.before, self.slow)
        gone.now?.targets[0].relations = []

        #expect(self.isUnknown(check.verdict(on: unkept)))
        #expect(check.verdict(on: gone).marks == [] && !self.isUnknown(check.verdict(on: gone)))
    }

    @Test("A table that has grown as much as the pages excuses them")
    func grown() {
        let twice = [Statement.counted("1", calls: 200, pages: 1500, seconds: 0.1)]
        let before = [Statement.counted("1", calls: 100, pages: 1000)]

        #expect(DroppedIndexes().verdict(on: self.observation(before, twice)).marks == ["indexes.W021 public.ix"])
        #expect(DroppedIndexes().verdict(on: self.observation(before, twice, pages: 2000)).marks == [])
    }

    @Test("After a reset all counts as since; counters that are another server's are compared with nothing")
    func reset() {
        let anew = [Statement.counted("1", calls: 150, pages: 500, seconds: 0.1)]
        let since = DroppedIndexes().verdict(on: self.observation(self.before, anew, reset: 99.5)).findings.first
        let elsewhere = DroppedIndexes().verdict(on: self.observation(self.before, anew, reset: 40))

        #expect(since?.evidence.contains(Evidence("calls since", 150)) == true)
        guard case .unknown(let reason, _) = elsewhere else {
            Issue.record("\(elsewhere)")
            return
        }
        #expect(reason.hasSuffix("are another server's."))
    }

    @Test("Where statements were thrown out meanwhile, all that is counted has to say the same")
    func evicted() {
        let check = DroppedIndexes()
        // by the difference 20 calls that read 500 pages each; by all that is counted, 86 pages each
        let mixed = Statement(id: "1", text: "SELECT", calls: 120, totalSeconds: 3, blocksHit: 300 + 20 * 500)

        #expect(check.verdict(on: self.observation(self.before, [mixed])).marks == ["indexes.W021 public.ix"])
        #expect(self.isUnknown(check.verdict(on: self.observation(self.before, [mixed]) { $0.evictions = 7 })))
        #expect(
            check.verdict(on: self.observation(self.before, self.slow) { $0.evictions = 7 }).marks
                == ["indexes.W021 public.ix"]
        )
    }
}
