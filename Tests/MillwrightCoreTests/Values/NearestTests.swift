// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@Suite("Did you mean")
struct NearestTests {
    static let commands = [
        "check", "health_check", "index_advisor", "migrate", "slow_queries", "tune", "vacuum_schedule",
    ]

    @Test(
        "A word with a slip finds the known one",
        arguments: [
            ("migarte", "migrate"), ("tun", "tune"), ("tuen", "tune"), ("slow-queries", "slow_queries"),
            ("SLOW_QUERIES", "slow_queries"), ("slowqueries", "slow_queries"), ("helth_chekc", "health_check"),
            ("chekc", "check"), ("vaccum_schedule", "vacuum_schedule"),
        ]
    )
    func near(word: String, meant: String) {
        #expect(nearest(word, in: Self.commands) == meant)
    }

    @Test("A word far from all finds none", arguments: ["frobnicate", "", "x", "tu", "analyze"])
    func far(word: String) {
        #expect(nearest(word, in: Self.commands) == nil)
    }

    @Test("Of equally near words the first wins; nothing is near to nothing")
    func ties() {
        #expect(nearest("cat", in: ["bat", "rat"]) == "bat")
        #expect(nearest("cat", in: []) == nil)
    }
}
