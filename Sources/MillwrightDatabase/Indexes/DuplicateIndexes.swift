// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Finds indexes that do exactly what another index of the same table does.
///
/// Two indexes are the same when access method, keys, operator classes, collations, order, INCLUDE columns, deparsed
/// expressions and predicate, uniqueness and the treatment of NULLs are equal. A btree read backwards is the same index, so
/// flipping the order of **every** key changes nothing: `(a)` and `(a DESC)` are duplicates, `(a, b)` and `(a, b DESC)` are not.
///
/// Blind spot: storage parameters and tablespaces are not compared.
struct DuplicateIndexes: DatabaseCheck {
    static let name = "duplicate-indexes"
    static let title = "Duplicate indexes"
    static let ids = ["indexes.W010"]
    static let concern = Concern.indexes
    static let thresholds: [Threshold<Self>] = []

    func collect(from inspection: Inspection) async throws -> Catalog { try await inspection.catalog() }

    func verdict(on catalog: Catalog) -> Verdict {
        .of(
            self.redundancies(in: catalog).map { self.finding($0.index, likeThe: $0.heir, in: catalog) }
                .sorted { $0.subject < $1.subject },
            evidence: [Evidence("indexes", .count(catalog.indexes.count))]
        )
    }

    /// Of each group of equal indexes all but the one worth most, which is their heir.
    func redundancies(in catalog: Catalog) -> [Redundancy] {
        let members = catalog.indexes.filter { $0.parent != 0 }
        let candidates = (catalog.wholeIndexes + members).filter { $0.isUsable && !$0.isExclusion }
        return Dictionary(grouping: candidates, by: IndexIdentity.init).values.flatMap { same in
            let order = same.sorted(by: Self.isWorthMore)
            return order.dropFirst().filter { !Self.mustStay($0) }.map { Redundancy(index: $0, heir: order[0]) }
        }
    }

    private func finding(_ index: CatalogIndex, likeThe other: CatalogIndex, in catalog: Catalog) -> Finding {
        Finding(
            "indexes.W010",
            .warning,
            on: index.name,
            message: "The index on \(catalog.table(of: index)) is the same as \(other.name).",
            evidence: [
                Evidence("same as", .text(other.name)),
                Evidence("read in the other direction", .flag(index.options != other.options)),
                Evidence("size (relpages)", .bytes(catalog.bytes(index.pages))),
                Evidence("idx_scan", .count(index.scans)),
                Evidence("idx_scan of the other", .count(other.scans)),
            ],
            remedy: .dropping(index, "Drop it; \(other.name) serves every statement that it serves."),
            weight: Double(catalog.bytes(index.pages))
        )
    }

    private static func mustStay(_ index: CatalogIndex) -> Bool {
        index.isPrimary || index.constraint != nil || index.isReferenced || index.isReplicaIdentity
            || index.isClustered || index.parent != 0
    }

    /// The order in which duplicates are kept.
    private static func isWorthMore(_ one: CatalogIndex, _ other: CatalogIndex) -> Bool {
        func rank(_ index: CatalogIndex) -> [Int] {
            let claims = [
                index.isPrimary, index.constraint != nil, index.isReferenced, index.parent != 0,
                index.isReplicaIdentity,
                index.isClustered,
            ]
            return claims.map { $0 ? 0 : 1 } + [-index.scans, index.oid]
        }
        return rank(one).lexicographicallyPrecedes(rank(other))
    }
}
