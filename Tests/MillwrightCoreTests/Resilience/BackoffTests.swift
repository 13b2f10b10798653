// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@Suite("Backoff")
struct BackoffTests {
    let backoff = Backoff(base: .seconds(1), cap: .seconds(30))

    @Test("Each wait is twice the one before, up to the cap")
    func doubles() {
        let waits = (0..<7).map { self.backoff.delay(attempt: $0, random: 0.5) }

        #expect(waits == [1, 2, 4, 8, 16, 30, 30].map { .seconds($0) })
    }

    @Test("Jitter spreads a wait to both sides, never above the cap")
    func jitter() {
        #expect(self.backoff.delay(attempt: 0, random: 0) == .milliseconds(800))
        #expect(self.backoff.delay(attempt: 0, random: 1) == .milliseconds(1200))
        #expect(self.backoff.delay(attempt: 9, random: 1) == .seconds(30))
        #expect(self.backoff.delay(attempt: 0, random: 7) == .milliseconds(1200))
    }

    @Test(
        "A number of attempts that no machine reaches neither overflows nor takes long",
        arguments: [-1, 64, Int.max]
    )
    func extremes(attempt: Int) {
        #expect(self.backoff.delay(attempt: attempt, random: 0.5) == (attempt < 0 ? .seconds(1) : .seconds(30)))
    }
}
