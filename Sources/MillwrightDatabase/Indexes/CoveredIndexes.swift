// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Finds btree indexes whose keys are the first keys of another btree index of the same table.
///
/// The wider index serves all that the narrower one serves, at the price of being bigger; the finding says how much. The
/// prefix rule holds for btree only: any column of a GIN or BRIN index can be used alone. Collation, operator class, order and
/// predicate must be equal; a partial index under a full one is smaller and stays.
struct CoveredIndexes: DatabaseCheck {
    static let name = "covered-indexes"
    static let title = "Covered indexes"
    static let ids = ["indexes.W011"]
    static let concern = Concern.indexes
    static let thresholds: [Threshold<Self>] = [
        .factor("maximumSizeRatio", \.maximumSizeRatio, "How many times bigger the covering index may be.")
    ]

    var maximumSizeRatio = 10.0

    func collect(from inspection: Inspection) async throws -> Catalog { try await inspection.catalog() }

    func verdict(on catalog: Catalog) -> Verdict {
        .of(
            self.redundancies(in: catalog).map { self.finding($0.index, under: $0.heir, in: catalog) }
                .sorted { $0.subject < $1.subject },
            evidence: [Evidence("indexes", .count(catalog.indexes.count))]
        )
    }

    /// The covered indexes, each with the smallest of those that cover it.
    func redundancies(in catalog: Catalog) -> [Redundancy] {
        // A part of a bigger index may cover, but is itself protected.
        let members = catalog.indexes.filter { $0.parent != 0 }
        let usable = (catalog.wholeIndexes + members).filter { $0.method == "btree" && $0.isUsable }
        let whole = Dictionary(grouping: usable, by: \.table)
        return catalog.indexedTables.flatMap { self.redundancies(among: whole[$0] ?? []) }
    }

    private func redundancies(among indexes: [CatalogIndex]) -> [Redundancy] {
        guard indexes.count > 1 else { return [] }
        return indexes.filter { !$0.isProtected }.compactMap { narrow in
            indexes.filter { Self.covers($0, narrow) && self.isNotMuchBigger($0, than: narrow) }
                .min { ($0.pages, $0.oid) < ($1.pages, $1.oid) }
                .map { Redundancy(index: narrow, heir: $0) }
        }
    }

    private func isNotMuchBigger(_ wide: CatalogIndex, than narrow: CatalogIndex) -> Bool {
        Double(wide.pages) <= self.maximumSizeRatio * Double(max(narrow.pages, 1))
    }

    /// Whether `wide` serves everything that `narrow` serves, and is not simply the same index.
    static func covers(_ wide: CatalogIndex, _ narrow: CatalogIndex) -> Bool {
        guard wide.oid != narrow.oid, wide.predicate == narrow.predicate, wide.isPartitioned == narrow.isPartitioned,
            IndexIdentity(wide) != IndexIdentity(narrow), Self.isMore(wide, than: narrow)
        else { return false }
        let count = narrow.keyCount
        guard Array(wide.keys.prefix(count)) == narrow.keys, Array(wide.classes.prefix(count)) == narrow.classes,
            Array(wide.collations.prefix(count)) == narrow.collations
        else { return false }
        let order = Array(wide.options.prefix(count))
        guard order == narrow.options || IndexIdentity.reversed(order) == narrow.options else { return false }
        return Self.startsWithSameExpressions(wide, narrow) && Set(narrow.included).isSubset(of: wide.columns)
    }

    /// Whether one is more than the other, so that of two indexes never both are covered.
    private static func isMore(_ wide: CatalogIndex, than narrow: CatalogIndex) -> Bool {
        wide.keyCount > narrow.keyCount
            || wide.keyCount == narrow.keyCount
                && (wide.isUnique || Set(wide.columns).isStrictSuperset(of: narrow.columns))
    }

    private static func startsWithSameExpressions(_ wide: CatalogIndex, _ narrow: CatalogIndex) -> Bool {
        narrow.keys.indices.filter { narrow.keys[$0] == 0 }.allSatisfy { position in
            guard let one = narrow.keyDefinitions, let other = wide.keyDefinitions else { return false }
            return position < one.count && position < other.count && one[position] == other[position]
        }
    }

    private func finding(_ narrow: CatalogIndex, under wide: CatalogIndex, in catalog: Catalog) -> Finding {
        let ratio = Double(wide.pages) / Double(max(narrow.pages, 1))
        return Finding(
            "indexes.W011",
            .warning,
            on: narrow.name,
            message: "The keys of the index on \(catalog.table(of: narrow)) are the first keys of \(wide.name).",
            evidence: [
                Evidence("covered by", .text(wide.name)),
                Evidence("size (relpages)", .bytes(catalog.bytes(narrow.pages))),
                Evidence("the other is bigger by a factor", .number(ratio)),
                Evidence("idx_scan", .count(narrow.scans)),
                Evidence("idx_scan of the other", .count(wide.scans)),
            ],
            remedy: .dropping(
                narrow,
                "Drop it unless a much used statement gains from the smaller index; \(wide.name) serves its statements."
            ),
            weight: Double(catalog.bytes(narrow.pages))
        )
    }
}
