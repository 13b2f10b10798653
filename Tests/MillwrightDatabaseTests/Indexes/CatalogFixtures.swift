// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

@testable import MillwrightDatabase

// Rows as the catalog gives them, with what a test does not care about filled in.

extension CatalogIndex {
    /// A btree index on the columns of table 1.
    static func on(_ columns: Int..., oid: Int, name: String? = nil, change: (inout Self) -> Void = { _ in }) -> Self {
        var index = CatalogIndex(oid: oid, table: 1, name: name ?? "public.ix\(oid)")
        index.columns = columns
        index.keyCount = columns.count
        index.classes = columns.map { _ in 1978 }
        index.collations = columns.map { _ in 0 }
        index.options = columns.map { _ in 0 }
        index.pages = 1000
        index.rows = 100_000
        change(&index)
        return index
    }
}

extension CatalogTable {
    static let big = CatalogTable(oid: 1, name: "public.big", pages: 10_000, rows: 1_000_000)
}

extension Catalog {
    /// The indexes on one big table.
    static func of(_ indexes: CatalogIndex..., keys: [ForeignKey] = []) -> Catalog {
        let parent = CatalogTable(oid: 2, name: "public.parent", pages: 10, rows: 100, deleted: 5)
        return Catalog(indexes: indexes, tables: [.big, parent], foreignKeys: keys)
    }
}

extension Verdict {
    /// Each finding as `id subject`, in the order of the verdict.
    var marks: [String] { self.findings.map { "\($0.id) \($0.subject)" } }
}
