// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightTesting

@Suite("Seeds of a soak")
struct SoakTests {
    @Test("One seed or several are named; what names none is not taken for some")
    func seeds() {
        #expect(Soak.seeds("7") == 7...7)
        #expect(Soak.seeds("11-20") == 11...20)
        for text in ["", "-", "x", "9-3", "1-x", "1-2-3"] { #expect(Soak.seeds(text) == nil, "\(text)") }
    }
}
