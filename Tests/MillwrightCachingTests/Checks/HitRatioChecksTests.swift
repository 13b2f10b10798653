// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightCaching

@Suite("Checks on counted reads")
struct HitRatioChecksTests {
    private let mixed = counted([
        "product": ReadCounts(hits: 9500, misses: 200),
        "search": ReadCounts(hits: 20, misses: 980),
        "rare": ReadCounts(hits: 0, misses: 10),
    ])

    @Test("A group that nearly always misses is useless, one with few reads is left alone")
    func useless() {
        let verdict = UselessCacheGroups().verdict(on: observation(ratios: self.mixed))

        #expect(verdict.findings.map(\.subject) == ["default:search"])
        #expect(verdict.findings.map(\.id) == ["caches.W001"])
        #expect(verdict.findings.first?.evidence.contains(Evidence("hit ratio", .share(0.02))) == true)
    }

    @Test("A group that takes most reads and hits is hot")
    func hot() {
        let verdict = HotCacheGroups().verdict(on: observation(ratios: self.mixed))

        #expect(verdict.findings.map(\.subject) == ["default:product"])
        #expect(verdict.findings.map(\.severity) == [.info])
    }

    @Test("The only group of an alias is not hot, and sessions are never")
    func notHot() {
        let one = counted(["product": ReadCounts(hits: 9999)])
        #expect(HotCacheGroups().verdict(on: observation(ratios: one)).findings.isEmpty)

        let sessions: [String: Seen<HitRatio>] = [
            "sessions": .value(HitRatio(groups: ["a": ReadCounts(hits: 9000), "b": ReadCounts(hits: 10)]))
        ]
        #expect(HotCacheGroups().verdict(on: observation(ratios: sessions)).findings.isEmpty)
    }

    @Test("Too few reads give unknown, not ok")
    func fresh() {
        let fresh = counted(["product": ReadCounts(hits: 3)])

        guard case .unknown(let reason, let cure) = UselessCacheGroups().verdict(on: observation(ratios: fresh)) else {
            Issue.record("expected unknown")
            return
        }
        #expect(reason.contains("200") && cure != nil)
    }

    @Test("An outage fills the error count and leaves the hit ratio alone")
    func errors() {
        let outage = counted(["product": ReadCounts(hits: 9000, misses: 100, errors: 4000)])

        #expect(CacheErrors().verdict(on: observation(ratios: outage)).findings.map(\.id) == ["caches.W005"])
        #expect(UselessCacheGroups().verdict(on: observation(ratios: outage)).findings.isEmpty)
        #expect(CacheErrors().verdict(on: observation(ratios: self.mixed)).findings.isEmpty)
    }

    @Test("Counts that could not be read give unknown with the cure")
    func unreadable() {
        let verdict = CacheErrors().verdict(
            on: observation(ratios: ["default": .unknown(reason: "No permission.", cure: "ACL SETUSER app +hgetall")])
        )

        #expect(verdict == .unknown(reason: "No permission.", cure: "ACL SETUSER app +hgetall"))
    }
}
