// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightCaching

@Suite("Hit ratios")
struct HitRatioTests {
    @Test("A ratio of nothing is nil, and errors are not misses")
    func ratios() {
        #expect(ReadCounts().hitRatio == nil)
        #expect(ReadCounts(errors: 9).hitRatio == nil)
        #expect(ReadCounts(hits: 3, misses: 1, errors: 100).hitRatio == 0.75)
        #expect(ReadCounts(hits: 3, misses: 1, errors: 4).errorRatio == 0.5)
    }

    @Test("Reads are counted by group, and taken once")
    func counting() {
        let counters = HitCounters()

        counters.record(.hit, key: "product:1")
        counters.record(.hit, key: "product:2")
        counters.record(.miss, key: "product:3")
        counters.record(.error, key: "report:1")

        #expect(counters.take() == ["product": ReadCounts(hits: 2, misses: 1), "report": ReadCounts(errors: 1)])
        #expect(counters.take().isEmpty)
    }

    @Test("Groups beyond the bound, empty and overlong ones are counted as other; a known one stays itself")
    func bounded() {
        let counters = HitCounters(maximumGroups: 2)

        for key in ["a:1", "b:1", "c:1", "d:1", ":x", "a:2"] { counters.record(.miss, key: key) }

        #expect(
            counters.take() == ["a": ReadCounts(misses: 2), "b": ReadCounts(misses: 1), "other": ReadCounts(misses: 3)]
        )
        counters.record(.hit, key: String(repeating: "x", count: 65))
        counters.record(.hit, key: "b:9")
        #expect(counters.take() == ["other": ReadCounts(hits: 1), "b": ReadCounts(hits: 1)])
    }

    @Test("What could not be flushed is put back and adds up with what came since")
    func putBack() {
        let counters = HitCounters()
        counters.record(.hit, key: "a")
        let taken = counters.take()
        counters.record(.miss, key: "a")

        counters.putBack(taken)

        #expect(counters.take() == ["a": ReadCounts(hits: 1, misses: 1)])
    }

    @Test("The hash's fields and the increments are each other's mirror; strange fields are left out")
    func fields() {
        let counts = ["product": ReadCounts(hits: 5, misses: 2), "odd:name": ReadCounts(errors: 1)]
        let increments = HitRatio.increments(of: counts)
        var fields = Dictionary(uniqueKeysWithValues: increments.map { ($0.field, String($0.by)) })
        fields["since"] = "1700000000.5"
        fields["product:stolen"] = "7"
        fields["product:hits:x"] = "7"
        fields["garbage"] = "7"
        fields["x:hits"] = "-3"

        let ratio = HitRatio(fields: fields)

        #expect(increments.map(\.field) == ["odd:name:errors", "product:hits", "product:misses"])
        #expect(ratio.groups == counts)
        #expect(ratio.since == 1_700_000_000.5)
        #expect(ratio.total == ReadCounts(hits: 5, misses: 2, errors: 1))
    }
}
