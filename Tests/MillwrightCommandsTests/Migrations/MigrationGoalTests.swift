// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Migrations
import Testing

@testable import MillwrightCommands

@Suite("What to migrate, as people write it")
struct MigrationGoalTests {
    @Test(
        "An app, a target, both or nothing",
        arguments: [
            ([], nil, .latest),
            (["shop"], "shop", .latest),
            (["shop", "zero"], "shop", .number(0)),
            (["0002"], "millwright", .number(2)),
            (["m0002_create_samples"], "millwright", .number(2)),
            (["elsewhere", "3"], "elsewhere", .number(3)),
        ] as [([String], String?, MigrationTarget)]
    )
    func reads(words: [String], app: String?, target: MigrationTarget) throws {
        let goal = try MigrationGoal(words, apps: ["millwright", "shop"])

        #expect(goal.app == app)
        #expect(goal.target == target)
    }

    @Test("What is neither is refused", arguments: [["shpo"], ["shop", "later"], ["shop", "1", "2"]])
    func refuses(words: [String]) {
        #expect(throws: (any Error).self) { try MigrationGoal(words, apps: ["millwright", "shop"]) }
    }
}
