// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPooling
import MillwrightTesting
import Testing

@Suite("A pool and its server's breaker", .timeLimit(.minutes(1)))
struct BreakerTests {
    let server = ScriptedServer()

    @Test("A server that is down is asked a few times, then left in peace by every caller")
    func leftInPeace() async throws {
        let breaker = EndpointBreaker(threshold: 3, backoff: Backoff(base: .seconds(600), cap: .seconds(600)))
        let pool = self.server.pool(.test(), breaker: breaker)
        self.server.change { $0.isUp = false }

        for _ in 0..<3 { await #expect(throws: ScriptedServer.Down.self) { try await pool.withConnection { _ in } } }
        for _ in 0..<100 {
            await #expect(throws: ScriptedConnection.Refusal(reason: .breakerOpen)) {
                try await pool.withConnection { _ in }
            }
        }

        let statistics = await pool.statistics
        #expect(self.server.now.attempts == 3)
        #expect(statistics.breaker == .open)
        #expect(statistics.counts.failedToOpen == 3)
        #expect(statistics.inUse == 0)
    }

    @Test("When its time is over one caller finds out, and the others are refused until it has")
    func oneProbe() async throws {
        // The turn of whoever probes lasts as long as the breaker was open: the others come before it is over.
        let backoff = Backoff(base: .seconds(3), cap: .seconds(600), jitter: 0)
        let breaker = EndpointBreaker(threshold: 1, backoff: backoff)
        let pool = self.server.pool(.test(), breaker: breaker)
        self.server.change { $0.isUp = false }
        await #expect(throws: ScriptedServer.Down.self) { try await pool.withConnection { _ in } }
        self.server.change { $0.isUp = true }
        self.server.keepWaiting()

        try await until { !breaker.refuses }
        let probe = Task { try await pool.withConnection { $0.number } }
        try await until { self.server.now.attempts == 2 }
        await #expect(throws: ScriptedConnection.Refusal(reason: .breakerOpen)) {
            try await pool.withConnection { _ in }
        }
        self.server.letIn()

        #expect(try await probe.value == 1)
        #expect(await pool.statistics.breaker == .closed)
    }

    @Test("It is the same for every client of a server, and another for another server or driver")
    func shared() {
        func breaker(_ driver: String, _ address: String) -> EndpointBreaker {
            let patience = Backoff(base: .seconds(1), cap: .seconds(1))
            return .of(.init(driver: driver, address: address), threshold: 5, backoff: patience)
        }

        #expect(breaker("a", "breaker tests") === breaker("a", "breaker tests"))
        #expect(breaker("a", "breaker tests") !== breaker("b", "breaker tests"))
        #expect(breaker("a", "breaker tests") !== breaker("a", "other breaker tests"))
    }
}
