// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightDatabase

@Suite("What statements have cost since some indexes were dropped")
struct DropWatchTests {
    private func watched(_ before: DropReading, _ readings: DropReading...) -> DropObservation {
        var watch = DropWatch(before: before, start: before)
        for (number, reading) in readings.enumerated() { watch.take(reading, at: Double(number + 1)) }
        return watch.observation(of: 0)
    }

    @Test("It counts from reading to reading, also over a statement that was thrown out and came back")
    func accumulates() {
        let seen = self.watched(
            .of(.counted("1", calls: 10, pages: 3), scans: 20),
            .of(.counted("1", calls: 14, pages: 3), scans: 21),
            .of(scans: 22),
            .of(.counted("1", calls: 12, pages: 300), scans: 25)
        )

        #expect(seen.changes.map(\.since.calls) == [16])
        #expect(seen.changes.map(\.before?.calls) == [10])
        #expect(seen.scans == 5)
        #expect(seen.scansPerSecondBefore == 0.2)
        #expect(seen.seconds == 3)
    }

    @Test("What became worse comes first; what did not run is not seen")
    func worse() {
        let seen = self.watched(
            .of(
                .counted("1", calls: 10, pages: 3),
                .counted("2", calls: 10, pages: 3),
                .counted("3", calls: 9, pages: 3)
            ),
            .of(
                .counted("1", calls: 20, pages: 3),
                .counted("2", calls: 20, pages: 500, seconds: 0.1),
                .counted("3", calls: 9, pages: 3)
            )
        )

        #expect(seen.changes.map(\.id) == ["2", "1"])
        #expect(seen.worse.map(\.id) == ["2"])
        #expect(seen.words == "a statement reads 997 pages each call instead of 3, and takes 199 ms instead of 1 ms")
    }

    // MARK: What is said of it

    private func verdict(_ observation: DropObservation?, hidden: Int = 0) -> Verdict {
        var drops = WatchedDrops(indexes: [])
        drops.observations = [observation].compactMap { $0 }
        drops.hidden = hidden
        return drops.verdict
    }

    private func isUnknown(_ verdict: Verdict, _ words: String) -> Bool {
        if case .unknown(let reason, _) = verdict { reason.contains(words) } else { false }
    }

    @Test("Where statements ran as before it is ok, and says for how long and how many calls were seen")
    func ok() {
        let before = DropReading.of(.counted("1", calls: 10, pages: 3))
        let seen = self.watched(before, .of(.counted("1", calls: 20, pages: 3), .counted("2", calls: 1, pages: 3)))

        guard case .ok(let evidence) = self.verdict(seen) else {
            Issue.record("\(self.verdict(seen))")
            return
        }
        #expect(
            evidence == [
                Evidence("watched for", .seconds(1)), Evidence("statements about these tables seen", 2),
                Evidence("their calls", 11), Evidence("compared", 1), Evidence("ran for the first time", 1),
            ]
        )
    }

    @Test("Where no call was seen, too few, or some were hidden, it is unknown")
    func unknown() {
        let before = DropReading.of(.counted("1", calls: 10, pages: 3))
        let nothing = self.watched(before, before)
        let few = self.watched(before, .of(.counted("1", calls: 14, pages: 3)))
        let enough = self.watched(before, .of(.counted("1", calls: 15, pages: 3)))

        #expect(self.isUnknown(self.verdict(nothing), "No call of any statement about public.t"))
        #expect(self.isUnknown(self.verdict(few), "Of no statement enough calls"))
        #expect(self.isUnknown(self.verdict(enough, hidden: 2), "2 statements of other roles"))
        #expect(self.isUnknown(self.verdict(nil), "No call"))
        #expect(!self.isUnknown(self.verdict(enough), ""))
        var drops = WatchedDrops(indexes: [])
        drops.observations = [nothing]
        #expect(drops.section?.facts.last == Evidence("too few calls to compare", "public.ix"))
        #expect(WatchedDrops(indexes: []).section == nil)
    }

    @Test("What a statement misses is a finding, and says whether it was built again")
    func finding() {
        let before = DropReading.of(.counted("1", calls: 10, pages: 3), scans: 10)
        var seen = self.watched(before, .of(.counted("1", calls: 20, pages: 500, seconds: 0.1), scans: 20))
        let left = self.verdict(seen).findings
        seen.isRestored = true
        let restored = self.verdict(seen, hidden: 1).findings

        #expect(left.map(\.id) == ["indexes.W083"] && restored.map(\.id) == ["indexes.W083"])
        #expect(left[0].remedy?.commands == ["manage index_audit --undo --apply"])
        #expect(restored[0].message.hasSuffix("it was built again."))
        #expect(restored[0].evidence.contains(Evidence("sequential scans of public.t since", 10)))
    }
}
