// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightCaching

@Suite("Cache timeouts")
struct CacheTimeoutTests {
    @Test("The alias's timeout is taken unless the writer gives one, and an alias without one keeps for ever")
    func standard() {
        #expect(CacheTimeout.standard.expiry(standard: .seconds(300)) == .milliseconds(300_000))
        #expect(CacheTimeout.standard.expiry(standard: nil) == .persist)
        #expect(CacheTimeout.never.expiry(standard: .seconds(300)) == .persist)
        #expect(CacheTimeout.after(.seconds(2)).expiry(standard: .seconds(300)) == .milliseconds(2000))
    }

    @Test("Zero and less delete, less than a millisecond is one")
    func edges() {
        #expect(CacheTimeout.after(.zero).expiry(standard: nil) == .delete)
        #expect(CacheTimeout.after(.seconds(-1)).expiry(standard: nil) == .delete)
        #expect(CacheTimeout.after(.microseconds(3)).expiry(standard: nil) == .milliseconds(1))
        #expect(CacheTimeout.after(.milliseconds(500)).expiry(standard: nil) == .milliseconds(500))
        #expect(CacheTimeout.standard.expiry(standard: .zero) == .delete)
    }
}
