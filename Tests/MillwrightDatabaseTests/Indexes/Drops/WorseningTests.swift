// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightDatabase

@Suite("When a statement has become worse")
struct WorseningTests {
    private func use(_ calls: Int, pages: Double, seconds: Double) -> StatementUse {
        StatementUse(calls: calls, seconds: seconds * Double(calls), pages: Int(pages * Double(calls)))
    }

    @Test(
        "Only where it reads twice the pages and a hundred more, and takes half as long again",
        arguments: [
            (1000.0, 0.010, Worsening.Effect.worse),
            (200, 0.0015, .worse),
            // a slow machine
            (100, 1.0, .asBefore),
            (199, 1.0, .asBefore),
            // more pages that nobody notices
            (1000, 0.0014, .asBefore),
        ]
    )
    func rule(pages: Double, seconds: Double, effect: Worsening.Effect) {
        let before = self.use(10, pages: 100, seconds: 0.001)

        #expect(Worsening().effect(before: before, since: self.use(10, pages: pages, seconds: seconds)) == effect)
    }

    @Test("Twice a few pages is nothing: a hundred more it has to be")
    func fewPages() {
        let before = self.use(10, pages: 3, seconds: 0.001)

        #expect(Worsening().effect(before: before, since: self.use(10, pages: 102, seconds: 1)) == .asBefore)
        #expect(Worsening().effect(before: before, since: self.use(10, pages: 103, seconds: 1)) == .worse)
    }

    @Test("What ran fewer than five times, before or since, is not compared, nor what never ran before")
    func tooRarely() {
        let (often, rarely) = (self.use(5, pages: 3, seconds: 0.001), self.use(4, pages: 3000, seconds: 1))

        #expect(Worsening().effect(before: often, since: rarely) == .notCompared)
        #expect(Worsening().effect(before: rarely, since: often) == .notCompared)
        #expect(Worsening().effect(before: nil, since: often) == .notCompared)
    }

    @Test("A table that has grown threefold may cost three times as many pages")
    func growth() {
        let before = self.use(10, pages: 1000, seconds: 0.01)

        #expect(Worsening(growth: 3).effect(before: before, since: self.use(10, pages: 3000, seconds: 1)) == .asBefore)
        #expect(Worsening(growth: 3).effect(before: before, since: self.use(10, pages: 6000, seconds: 1)) == .worse)
        #expect(
            Worsening(growth: 0.5).effect(before: before, since: self.use(10, pages: 1900, seconds: 1)) == .asBefore
        )
    }
}
