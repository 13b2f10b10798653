// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import Migrations

@Suite("Migration status")
struct MigrationStatusTests {
    @Test("Files and rows are put side by side, each app by number, unknown apps last")
    func lists() {
        let files = (1...3).map { Migration(app: "shop", number: $0, name: "s\($0)", up: "", down: nil) }
        let sums = [files[0]: "one", files[1]: "two", files[2]: "three"]
        let rows = [("shop", 1, "one"), ("shop", 2, "older"), ("shop", 4, "x"), ("blog", 1, "y")].map { row in
            (row: AppliedMigration(app: row.0, number: row.1, name: "s\(row.1)", checksum: row.2), at: 5.0)
        }

        let list = MigrationStatus.list(
            apps: [MigrationApp(label: "shop", migrations: files)],
            applied: rows,
            checksums: sums
        )

        #expect(list.map(\.app) == ["shop", "shop", "shop", "shop", "blog"])
        #expect(list.map(\.state) == [.applied, .changed, .pending, .unknown, .unknown])
        #expect(list.map(\.appliedAt) == [5, 5, nil, 5, 5])
        #expect(list.map(\.title) == ["m0001_s1", "m0002_s2", "m0003_s3", "m0004_s4", "m0001_s1"])
    }
}
