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
    }

    @Test("Upserts and MERGE set columns, too")
    func upserts() {
        let updated = UpdatedColumns([
            Statement(
                id: "1",
                text: "INSERT INTO tasks AS t (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET seen = now(), count = 1",
                calls: 5,
                totalSeconds: 1
            ),
            Statement(
                id: "2",
                text: """
                    MERGE INTO tasks AS t USING news AS n ON n.id = t.id WHEN MATCHED THEN UPDATE SET state = n.state
                    WHEN NOT MATCHED THEN INSERT (id, note) VALUES (n.id, n.note)
                    """,
                calls: 2,
                totalSeconds: 1
            ),
            Statement(
                id: "3",
                text: "INSERT INTO tasks (id) VALUES ($1) ON CONFLICT DO NOTHING",
                calls: 9,
                totalSeconds: 1
            ),
        ])
        let calls = { updated.calls(schema: "public", table: "tasks", column: $0) }

        #expect(["id", "seen", "count", "state", "note"].map(calls) == [0, 5, 5, 2, 0])
    }

    @Test("The share of updates that set a column is one of those that set nothing indexed")
    func share() {
        let updated = UpdatedColumns([
            Statement(id: "1", text: "UPDATE tasks SET state = $1, note = $2", calls: 6, totalSeconds: 1),
            Statement(id: "2", text: "UPDATE shop.tasks SET note = $1", calls: 1, totalSeconds: 1),
            Statement(id: "3", text: "UPDATE tasks SET seen = $1", calls: 3, totalSeconds: 1),
        ])
        func share(_ columns: Set<String>, indexed: Set<String> = [], schema: String = "public") -> Double {
            updated.share(settingOneOf: columns, noneOf: indexed, schema: schema, table: "tasks")
        }

        #expect(share(["note"]) == 6.0 / 9)
        #expect(share(["note", "seen"], schema: "shop") == 1)
        #expect(share(["note"], indexed: ["state"], schema: "shop") == 0.25)
        #expect(share(["note"], indexed: ["state"]) == 0)
        #expect(share(["note"], indexed: ["state", "seen"]) == 0)
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
