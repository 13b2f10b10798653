// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Migrations
import Testing

@testable import MillwrightCommands

@Suite("The SQL of a plan")
struct MigrationListingTests {
    private func plan(_ up: String) throws -> MigrationListing {
        let app = try MigrationApp(label: "shop", files: [("m0001_first.up.sql", up)])
        let plan = MigrationPlan.decide(apps: [app], applied: [], checksums: [:])
        return MigrationListing(database: "default", steps: plan.steps)
    }

    @Test("Each step is a transaction that can be pasted into psql")
    func transaction() throws {
        #expect(
            try self.plan("CREATE TABLE a ();").script
                == "-- applying shop m0001_first\nBEGIN;\nCREATE TABLE a ();\nCOMMIT;\n"
        )
    }

    @Test("A step that is marked so stays outside a transaction")
    func outside() throws {
        let sql = "-- millwright: no-transaction\nCREATE INDEX CONCURRENTLY i ON a (b);\n"

        #expect(try self.plan(sql).script == "-- applying shop m0001_first\n\(sql)")
    }

    @Test("Nothing to do is a comment")
    func nothing() {
        #expect(
            MigrationListing(database: "default", steps: []).script == "-- Nothing is to be done in database default."
        )
    }
}
