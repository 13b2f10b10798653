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

    @Test("An index that compares by another collation serves it not")
    func collation() {
        var key = ForeignKey(name: "fk", table: 1, columns: [1], columnNames: ["a"], parent: 2, parentName: "public.p")
        key.collations = [100]

        #expect(key.support(among: [.on(1, oid: 10) { $0.collations = [100] }]) == .full)
        #expect(key.support(among: [.on(1, oid: 10) { $0.collations = [950] }]) != .full)
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

    /// A key of a partitioned table (1) with two partitions (3, and 4 below another partitioned one, 5), whose columns are
    /// numbered each in its own way.
    private func partitioned(_ indexes: CatalogIndex...) -> [String] {
        let key = { (oid: Int, copyOf: Int, table: Int, column: Int) in
            ForeignKey(
                name: "fk",
                table: table,
                columns: [column],
                columnNames: ["c"],
                parent: 2,
                parentName: "public.parent",
                oid: oid,
                copyOf: copyOf
            )
        }
        let keys = [key(91, 0, 1, 1), key(93, 91, 3, 2), key(95, 91, 5, 1), key(94, 95, 4, 7)]
        let tables = [(1, "p"), (3, "r"), (4, "r"), (5, "p")].map { oid, kind in
            CatalogTable(oid: oid, name: "public.t\(oid)", kind: kind, pages: kind == "p" ? 0 : 10_000, rows: 1e6)
        }
        let verdict = MissingForeignKeyIndexes()
            .verdict(on: Catalog(indexes: indexes, tables: tables, foreignKeys: keys))
        return verdict.findings.map { "\($0.id) \($0.subject)" + ($0.message.hasPrefix("Of the") ? " in part" : "") }
    }

    @Test(
        "Partitions with an index of their own each serve the whole; those without are named; without any it is the whole"
    )
    func partitions() {
        let third = CatalogIndex.on(2, oid: 10) { $0.table = 3 }
        let fourth = CatalogIndex.on(7, 1, oid: 11) { $0.table = 4 }

        #expect(self.partitioned(third, fourth) == [])
        #expect(self.partitioned(.on(1, oid: 12)) == [])
        #expect(self.partitioned(fourth) == ["indexes.W030 public.t1.fk in part"])
        #expect(self.partitioned() == ["indexes.W030 public.t1.fk"])
        #expect(self.partitioned(.on(1, oid: 13) { $0.table = 4 }) == ["indexes.W030 public.t1.fk"])
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
