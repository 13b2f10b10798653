// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@Suite("Breaker")
struct BreakerStateTests {
    let fresh = BreakerState(backoff: Backoff(base: .seconds(1), cap: .seconds(30)))

    private func opened(at time: Duration = .zero) -> BreakerState {
        var breaker = self.fresh
        for _ in 0..<5 { breaker.failed(at: time) }
        return breaker
    }

    @Test("Five failures in a row open it, and it says when to ask again")
    func threshold() {
        var breaker = self.fresh
        for _ in 0..<4 { breaker.failed(at: .milliseconds(10)) }
        #expect(breaker.request(at: .milliseconds(20)) == .allow)

        breaker.failed(at: .milliseconds(20))

        #expect(breaker.isOpen)
        #expect(breaker.request(at: .milliseconds(520)) == .refuse(retryAfter: .milliseconds(500)))
    }

    @Test("A success between failures starts the count again")
    func interrupted() {
        var breaker = self.fresh
        for _ in 0..<4 { breaker.failed(at: .zero) }
        breaker.succeeded(at: .zero)
        for _ in 0..<4 { breaker.failed(at: .zero) }

        #expect(breaker.request(at: .zero) == .allow)
    }

    @Test("Slow failures open it too, once nothing has succeeded for the window")
    func slowFailures() {
        var breaker = self.fresh
        breaker.failed(at: .seconds(1))
        breaker.failed(at: .seconds(2))
        #expect(!breaker.isOpen)

        breaker.failed(at: .seconds(3))

        #expect(breaker.isOpen)
    }

    @Test("One failure never opens it, however late the next request comes")
    func oneFailure() {
        var breaker = self.fresh
        breaker.failed(at: .zero)

        #expect(breaker.request(at: .seconds(3600)) == .allow)
    }

    @Test("When the wait is over exactly one request probes, and its success closes it")
    func probeSucceeds() {
        var breaker = self.opened()

        #expect(breaker.request(at: .seconds(1)) == .probe)
        #expect(breaker.request(at: .seconds(1)) == .refuse(retryAfter: .seconds(1)))
        breaker.succeeded(at: .seconds(1))

        #expect(breaker.request(at: .seconds(1)) == .allow)
        #expect(!breaker.isOpen)
    }

    @Test("A probe that fails opens it for twice as long")
    func probeFails() {
        var breaker = self.opened()

        #expect(breaker.request(at: .seconds(1)) == .probe)
        breaker.failed(at: .seconds(1))

        #expect(breaker.request(at: .seconds(1)) == .refuse(retryAfter: .seconds(2)))
        #expect(breaker.request(at: .seconds(3)) == .probe)
    }

    @Test("A probe that never reports gives its turn to another")
    func lostProbe() {
        var breaker = self.opened()

        #expect(breaker.request(at: .seconds(1)) == .probe)

        #expect(breaker.request(at: .seconds(2)) == .probe)
    }

    @Test("Failures of requests sent before it opened do not prolong it")
    func stragglers() {
        var breaker = self.opened()
        for _ in 0..<50 { breaker.failed(at: .milliseconds(900)) }

        #expect(breaker.request(at: .seconds(1)) == .probe)
    }

    @Test("Jitter moves the probe")
    func jitter() {
        var breaker = self.fresh
        for _ in 0..<5 { breaker.failed(at: .zero, random: 1) }

        #expect(breaker.request(at: .seconds(1)) == .refuse(retryAfter: .milliseconds(200)))
    }
}
