// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightDatabase

@Suite("Foreign keys without an index")
struct MissingForeignKeyIndexesTests {
    private func marks(_ columns: [Int], _ indexes: CatalogIndex..., change: (inout CatalogTable) -> Void = { _ in })
        -> [String]
    {
        let key = ForeignKey(
            name: "fk",
            table: 1,
            columns: columns,
            columnNames: columns.map { "c\($0)" },
            parent: 2,
            parentName: "public.parent"
        )
        var table = CatalogTable.big
        change(&table)
        return MissingForeignKeyIndexes()
            .verdict(on: Catalog(indexes: indexes, tables: [table], foreignKeys: [key])).marks
    }

    private static let found = ["indexes.W030 public.big.fk"]

    @Test("A key without any index is found")
    func missing() {
        #expect(self.marks([1]) == Self.found)
        #expect(self.marks([1], .on(2, oid: 10), .on(2, 1, oid: 11)) == Self.found)
    }

    @Test("An index that begins with the key's columns serves it, in any order and with more behind them")
    func served() {
        #expect(self.marks([1, 2], .on(2, 1, oid: 10)) == [])
        #expect(self.marks([1, 2], .on(1, 2, 3, oid: 10)) == [])
        #expect(self.marks([1], .on(1, 5, oid: 10)) == [])
    }

    @Test("A column between the key's columns makes the index weak, not missing")
    func weak() {
        #expect(self.marks([1, 2], .on(1, 3, 2, oid: 10)) == ["indexes.I032 public.big.fk"])
    }

    @Test("Hash serves a single column; GIN and an invalid index serve none")
    func methods() {
        #expect(self.marks([1], .on(1, oid: 10) { $0.method = "hash" }) == [])
        #expect(self.marks([1], .on(1, oid: 10) { $0.method = "gin" }) == Self.found)
        #expect(self.marks([1], .on(1, oid: 10) { $0.isValid = false }) == Self.found)
    }

    @Test(
        "A partial index serves when it leaves out NULLs and nothing else",
        arguments: [
            ("(c1 IS NOT NULL)", true), ("((c1 IS NOT NULL) AND (c2 IS NOT NULL))", true), ("(c9 IS NOT NULL)", false),
            ("(NOT deleted)", false), ("((c1 IS NOT NULL) AND (c2 > 0))", false),
        ]
    )
    func partial(predicate: String, serves: Bool) {
        let marks = self.marks([1, 2], .on(1, 2, oid: 10) { $0.predicate = predicate })

        #expect(marks.isEmpty == serves)
    }

    @Test(
        "A small table is left alone; one that was never analysed counts by its inserted rows; a partitioned one counts"
    )
    func sizes() {
        #expect(self.marks([1]) { $0.pages = 50 } == [])
        #expect(self.marks([1]) { ($0.pages, $0.rows, $0.inserted) = (0, -1, 500_000) } == Self.found)
        #expect(self.marks([1]) { ($0.pages, $0.kind) = (0, "p") } == Self.found)
    }
}
