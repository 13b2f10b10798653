// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Finds foreign keys whose referencing side has no index to be looked up by.
///
/// Each DELETE or key UPDATE of a referenced row looks for rows that refer to it, by the key's columns; without an index that
/// is a scan of the whole table. An index serves when its first columns are the key's columns **in any order**, when it is hash
/// on a single column, and when its predicate says no more than that the columns are not NULL. Of a partitioned table either
/// the whole has such an index, or each partition one of its own.
struct MissingForeignKeyIndexes: DatabaseCheck {
    static let name = "missing-foreign-key-indexes"
    static let title = "Foreign keys without an index"
    static let ids = ["indexes.W030", "indexes.I031", "indexes.I032"]
    static let concern = Concern.indexes
    static let thresholds: [Threshold<Self>] = [
        .bytes("minimumBytes", \.minimumBytes, "Tables smaller than this are scanned quickly enough to be left alone.")
    ]

    var minimumBytes = 1 << 20

    func collect(from inspection: Inspection) async throws -> Catalog { try await inspection.catalog() }

    func verdict(on catalog: Catalog) -> Verdict {
        let copies = Dictionary(grouping: catalog.foreignKeys, by: \.copyOf)
        let keys = copies[0] ?? []
        let findings = keys.compactMap { key -> Finding? in
            guard let table = catalog.tables[key.table], self.isBig(key, in: catalog) else { return nil }
            let support = key.support(among: catalog.indexes(of: key.table))
            if support == .full { return nil }
            if table.kind == "p" {
                let parts = Self.leaves(of: key, copies).filter { catalog.tables[$0.table]?.kind != "p" }
                let bare = parts.filter { $0.support(among: catalog.indexes(of: $0.table)) != .full }
                if bare.isEmpty, !parts.isEmpty { return nil }
                if bare.count < parts.count { return self.finding(key, on: table, without: bare, in: catalog) }
            }
            if case .weak(let index) = support { return self.weakFinding(key, on: table, by: index) }
            return self.finding(key, on: table, in: catalog)
        }
        return .of(findings, evidence: [Evidence("foreign keys", .count(keys.count))])
    }

    /// The copies of a key on the partitions, at whatever depth.
    private static func leaves(of key: ForeignKey, _ copies: [Int: [ForeignKey]]) -> [ForeignKey] {
        guard key.oid != 0 else { return [] }
        return (copies[key.oid] ?? []).flatMap { [$0] + Self.leaves(of: $0, copies) }
    }

    /// A partitioned table holds no pages itself, so it is always worth a look.
    private func isBig(_ key: ForeignKey, in catalog: Catalog) -> Bool {
        guard let table = catalog.tables[key.table] else { return false }
        return table.kind == "p" || catalog.bytes(of: table) >= self.minimumBytes
    }

    private func finding(_ key: ForeignKey, on table: CatalogTable, in catalog: Catalog) -> Finding {
        let parent = catalog.tables[key.parent]
        let changes = (parent?.deleted ?? 0) + (parent?.updated ?? 0)
        let columns = key.columnNames.joined(separator: ", ")
        let isQuiet = changes == 0 && table.likelyRows < 10_000
        return Finding(
            isQuiet ? "indexes.I031" : "indexes.W030",
            isQuiet ? .info : .warning,
            on: "\(table.name).\(key.name)",
            message: "No index serves the foreign key (\(columns)) of \(table.name) to \(key.parentName).",
            evidence: self.evidence(of: key, on: table, in: catalog),
            remedy: Remedy(
                table.kind == "p"
                    ? "`manage index_build` builds it on each partition while it is written, and attaches them; this alone begins it."
                    : "Build an index on the key's columns; it also serves joins along the key.",
                commands: table.kind == "p"
                    ? ["CREATE INDEX ON ONLY \(table.name) (\(columns));"]
                    : ["CREATE INDEX CONCURRENTLY ON \(table.name) (\(columns));"]
            ),
            weight: Double(catalog.bytes(of: table))
        )
    }

    /// Some partitions have an index, and these have none.
    private func finding(
        _ key: ForeignKey,
        on table: CatalogTable,
        without bare: [ForeignKey],
        in catalog: Catalog
    ) -> Finding {
        let names = bare.compactMap { catalog.tables[$0.table]?.name }.sorted()
        let columns = key.columnNames.joined(separator: ", ")
        return Finding(
            "indexes.W030",
            .warning,
            on: "\(table.name).\(key.name)",
            message:
                "Of the partitions of \(table.name) \(names.count) have no index for the foreign key (\(columns)).",
            evidence: [
                Evidence("partitions without one", .text(names.prefix(20).joined(separator: ", "))),
                Evidence(
                    "rows in them",
                    .count(bare.reduce(0) { $0 + Int(catalog.tables[$1.table]?.likelyRows ?? 0) })
                ),
            ] + self.evidence(of: key, on: table, in: catalog),
            remedy: Remedy(
                "Build the index on those partitions, too.",
                commands: names.map { "CREATE INDEX CONCURRENTLY ON \($0) (\(columns));" }
            ),
            weight: Double(bare.reduce(0) { $0 + (catalog.tables[$1.table].map { catalog.bytes(of: $0) } ?? 0) })
        )
    }

    private func weakFinding(_ key: ForeignKey, on table: CatalogTable, by index: CatalogIndex) -> Finding {
        Finding(
            "indexes.I032",
            .info,
            on: "\(table.name).\(key.name)",
            message: "Only a part of the foreign key's columns leads \(index.name), the index nearest to it.",
            evidence: [
                Evidence("columns", .text(key.columnNames.joined(separator: ", "))),
                Evidence("rows", .count(Int(table.likelyRows))),
            ],
            remedy: Remedy(
                "Where a few values of the leading column fill the table, build an index on all of the key's columns."
            )
        )
    }

    private func evidence(of key: ForeignKey, on table: CatalogTable, in catalog: Catalog) -> [Evidence] {
        let parent = catalog.tables[key.parent]
        return [
            Evidence("size (relpages)", .bytes(catalog.bytes(of: table))),
            Evidence("rows", .count(Int(table.likelyRows))),
            Evidence("rows deleted from \(key.parentName)", parent.map { .count($0.deleted) } ?? .missing),
            Evidence("rows updated in \(key.parentName)", parent.map { .count($0.updated) } ?? .missing),
        ]
    }
}
