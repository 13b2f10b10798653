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
        let members = catalog.indexes.filter { $0.parent != 0 }
        let candidates = (catalog.wholeIndexes + members).filter { $0.isUsable && !$0.isExclusion }
        let groups = Dictionary(grouping: candidates, by: IndexIdentity.init).values.filter { $0.count > 1 }
        let findings = groups.flatMap { self.findings(among: $0, in: catalog) }.sorted { $0.subject < $1.subject }
        return .of(findings, evidence: [Evidence("indexes", .count(catalog.indexes.count))])
    }

    /// One finding for each index but the one worth most.
    private func findings(among same: [CatalogIndex], in catalog: Catalog) -> [Finding] {
        let order = same.sorted(by: Self.isWorthMore)
        return order.dropFirst().filter { !Self.mustStay($0) }.map { index in
            Finding(
                "indexes.W010",
                .warning,
                on: index.name,
                message: "The index on \(catalog.table(of: index)) is the same as \(order[0].name).",
                evidence: [
                    Evidence("same as", .text(order[0].name)),
                    Evidence("read in the other direction", .flag(index.options != order[0].options)),
                    Evidence("size (relpages)", .bytes(catalog.bytes(index.pages))),
                    Evidence("idx_scan", .count(index.scans)),
                    Evidence("idx_scan of the other", .count(order[0].scans)),
                ],
                remedy: .dropping(index, "Drop it; \(order[0].name) serves every statement that it serves."),
                weight: Double(catalog.bytes(index.pages))
            )
        }
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
