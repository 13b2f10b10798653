// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightRedis

@Suite("Sharing a connection")
struct SharedStateTests {
    @Test("has one caller open it, and the others wait")
    func opens() {
        var state = SharedState()

        #expect([state.request(), state.request(), state.request()] == [.open, .wait, .wait])
        let isKept = state.opened(true)
        #expect(isKept)
        #expect(state.request() == .open)
    }

    @Test("is tried again by the next caller after it failed")
    func failed() {
        var state = SharedState()
        _ = state.request()

        let isKept = state.opened(false)

        #expect(!isKept)
        #expect(state.request() == .open)
    }

    @Test("ends where the pool is closed, also while it is being opened")
    func closed() {
        var state = SharedState()
        _ = state.request()

        state.close()
        let isKept = state.opened(true)

        #expect(!isKept)
        #expect(state.request() == .refuseClosed)
    }
}
