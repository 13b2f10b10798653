// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightRedis

@Suite("The search for a primary")
struct SentinelSearchTests {
    private let start = ContinuousClock.now

    /// A search that has found a primary at the start.
    private func settled() -> SentinelSearch {
        var search = SentinelSearch(interval: .seconds(1), at: self.start)
        search.beginLook()
        search.found(at: self.start)
        search.endLook(at: self.start)
        return search
    }

    @Test("looks at once, then every interval while all is well")
    func interval() {
        #expect(SentinelSearch(interval: .seconds(1), at: self.start).due == self.start)
        #expect(self.settled().due == self.start + .seconds(1))
    }

    @Test("rests longer each time it looks in vain, up to a quarter of a second")
    func backoff() throws {
        var search = SentinelSearch(interval: .seconds(1), at: self.start)
        var pauses: [Duration] = []
        for _ in 0..<8 {
            search.beginLook()
            search.endLook(at: self.start)
            pauses.append(self.start.duration(to: try #require(search.due)))
        }

        #expect(pauses[0] <= .milliseconds(24))
        #expect(pauses.allSatisfy { $0 > .zero && $0 <= .milliseconds(250) })
        #expect(pauses[7] >= .milliseconds(200))
    }

    @Test("looks at once when there is news, even when it is looking already")
    func news() {
        var search = self.settled()
        search.hasNews(at: self.start + .milliseconds(5))
        #expect(search.due == self.start + .milliseconds(5))

        search.beginLook()
        search.hasNews(at: self.start + .milliseconds(6))
        search.endLook(at: self.start + .milliseconds(7))

        #expect(search.due == self.start + .milliseconds(6))
    }

    @Test("looks at once when a primary is lost that was good for a while, and rests when it was not")
    func flapping() throws {
        var search = self.settled()
        search.beginLook()
        search.lost(at: self.start + .seconds(2))
        #expect(search.due == self.start + .seconds(2))
        search.beginLook()
        search.endLook(at: self.start + .seconds(2))
        search.found(at: self.start + .seconds(2))
        search.beginLook()

        search.lost(at: self.start + .seconds(2))

        #expect(try #require(search.due) > self.start + .seconds(2))
    }

    @Test("is hopeless once it has lasted as long as a caller would wait, until a primary is found")
    func hopeless() {
        var search = SentinelSearch(interval: .seconds(1), at: self.start)
        #expect(!search.isHopeless(after: .seconds(1), at: self.start + .milliseconds(999)))
        #expect(search.isHopeless(after: .seconds(1), at: self.start + .seconds(1)))

        search.found(at: self.start + .seconds(2))

        #expect(!search.isHopeless(after: .seconds(1), at: self.start + .seconds(9)))
    }
}
