// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightDatabase

@Suite("Quoting of names")
struct QuotingTests {
    @Test(
        "A qualified name's last part is what was quoted",
        arguments: ["plain", "Odd Name", "with.dot", "with\"quote", "select", "\""]
    )
    func unqualifies(name: String) {
        #expect(unqualified("\(quoted("My.Schema")).\(quoted(name))") == name)
        #expect(unqualified(quoted(name)) == name)
    }
}
