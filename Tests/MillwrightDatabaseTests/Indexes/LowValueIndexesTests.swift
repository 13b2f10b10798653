// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightDatabase

@Suite("Indexes that cost more than they give")
struct LowValueIndexesTests {
    private static let day = 86_400.0

    private func verdict(
        _ index: CatalogIndex,
        table: CatalogTable = .written,
        change: (inout LowValueIndexes.Observation) -> Void = { _ in }
    ) -> Verdict {
        var observation = LowValueIndexes.Observation(
            catalog: Catalog(indexes: [index], tables: [table]),
            window: StatisticsWindow(now: 100 * Self.day, serverStart: 1, sharedReset: 70 * Self.day),
            firstSeen: [index.name: 10 * Self.day],
            updates: [index.oid: [.init(column: "state", calls: 900)]],
            readsStatements: true
        )
        change(&observation)
        return LowValueIndexes().verdict(on: observation)
    }

    @Test("An index on an updated column that is hardly read is a warning, with the column")
    func updated() {
        let verdict = self.verdict(.on(1, oid: 10) { $0.scans = 3 })

        #expect(verdict.marks == ["indexes.W070 public.ix10"])
        #expect(verdict.findings[0].evidence.contains(Evidence("updates that set state", 900)))
    }

    @Test("Without updates of its columns, or where most updates are HOT, it is a remark")
    func inserted() {
        var hot = CatalogTable.written
        hot.hotUpdated = 400_000
        let index = CatalogIndex.on(1, oid: 10) { $0.scans = 3 }

        #expect(self.verdict(index) { $0.updates = [:] }.marks == ["indexes.I071 public.ix10"])
        #expect(self.verdict(index, table: hot).marks == ["indexes.I071 public.ix10"])
    }

    @Test("What is read, not read at all, protected, or little written is not named")
    func left() {
        var quiet = CatalogTable.written
        (quiet.inserted, quiet.updated) = (100, 0)

        #expect(self.verdict(.on(1, oid: 10) { $0.scans = 100_000 }).marks == [])
        #expect(self.verdict(.on(1, oid: 10)).marks == [])
        #expect(self.verdict(.on(1, oid: 10) { ($0.scans, $0.isUnique) = (3, true) }).marks == [])
        #expect(self.verdict(.on(1, oid: 10) { $0.scans = 3 }, table: quiet).marks == [])
    }

    @Test("With young counters nobody knows; an index made yesterday is given time")
    func young() {
        let index = CatalogIndex.on(1, oid: 10) { $0.scans = 3 }
        let verdict = self.verdict(index) { $0.window.sharedReset = 99.9 * Self.day }

        guard case .unknown = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(self.verdict(index) { $0.firstSeen[index.name] = 99.9 * Self.day }.marks == [])
    }

    @Test("The columns that UPDATE statements set are read from their text, with and without a schema")
    func columns() {
        let updated = UpdatedColumns([
            Statement(id: "1", text: "UPDATE tasks SET state = $1, note = $2 WHERE id = $3", calls: 5, totalSeconds: 1),
            Statement(
                id: "2",
                text: "WITH x AS (UPDATE shop.tasks AS t SET state = $1 RETURNING id) SELECT * FROM x",
                calls: 2,
                totalSeconds: 1
            ),
            Statement(id: "3", text: "SELECT state FROM tasks", calls: 9, totalSeconds: 1),
        ])

        #expect(updated.calls(schema: "shop", table: "tasks", column: "state") == 7)
        #expect(updated.calls(schema: "public", table: "tasks", column: "note") == 5)
        #expect(updated.calls(schema: "public", table: "tasks", column: "id") == 0)
        #expect(updated.share(settingOneOf: ["note", "id"], schema: "public", table: "tasks") == 1)
        #expect(updated.share(settingOneOf: ["note", "id"], schema: "shop", table: "tasks") == 5.0 / 7)
        #expect(updated.share(settingOneOf: [], schema: "public", table: "other") == 0)
    }
}

extension CatalogTable {
    fileprivate static let written = CatalogTable(
        oid: 1,
        name: "public.big",
        pages: 10_000,
        rows: 1_000_000,
        inserted: 100_000,
        updated: 500_000
    )
}
