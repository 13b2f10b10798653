// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import Migrations

@Suite("Migration files")
struct MigrationAppTests {
    @Test("Up and down files of one number make one migration, in order of the numbers")
    func pairsFiles() throws {
        let app = try MigrationApp(
            label: "shop",
            files: [
                ("m0002_more.up.sql", "B"), ("README.md", "x"), ("m0001_first.down.sql", "a"),
                ("m0001_first.up.sql", "A"),
            ]
        )

        #expect(
            app.migrations == [
                Migration(app: "shop", number: 1, name: "first", up: "A", down: "a"),
                Migration(app: "shop", number: 2, name: "more", up: "B", down: nil),
            ]
        )
    }

    @Test("An app may have no migrations yet")
    func acceptsNone() throws {
        #expect(try MigrationApp(label: "shop", files: []).migrations.isEmpty)
    }

    @Test(
        "Files that cannot be right are refused, each with its reason",
        arguments: [
            (["0001_first.up.sql"], "0001_first.up.sql is not named like m0001_create_something.up.sql."),
            (["m0001_a.up.sql", "m0001_b.up.sql"], "m0001_b.up.sql has the number of a."),
            (["m0001_a.up.sql", "m0003_c.up.sql"], "There is no migration 2, but later ones."),
            (["m0001_a.up.sql", "m0001_b.down.sql"], "The down file of 1 (b) has no up file of the same name."),
        ]
    )
    func refuses(names: [String], reason: String) {
        let error = #expect(throws: MigrationError.self) {
            try MigrationApp(label: "shop", files: names.map { ($0, "") })
        }

        #expect(error?.stopped == [reason])
        #expect(error?.exitCode == .settings)
    }

    @Test("Millwright's own files are numbered without a gap, and each has a way back")
    func ownFilesAreComplete() {
        #expect(Migrations.all.map(\.number) == Array(1...Migrations.all.count))
        #expect(Migrations.all.allSatisfy { $0.down != nil && !$0.up.isEmpty })
        #expect(Set(Migrations.all.map(\.name)).count == Migrations.all.count)
    }

    @Test("Every SQL file of the folder is listed")
    func everyFileIsListed() throws {
        let folder = SourceFolder.path("Migrations/sql")

        let app = try MigrationApp(label: Migrations.label, folder: folder)

        #expect(app.migrations == Migrations.all)
    }
}
