// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

extension IndexPlan {
    /// Decides how an index is dropped so that it can be had again.
    ///
    /// - Parameters:
    ///   - others: the indexes of the table that are being dropped in the same run.
    ///   - definition: what builds it again.
    /// - Throws: ``ToolError`` where more than a way to read would be lost.
    init(
        dropping index: CatalogIndex,
        in catalog: Catalog,
        besides others: Set<Int> = [],
        definition: String
    ) throws(ToolError) {
        if let why = Self.reasonToStay(index, in: catalog, besides: others) {
            throw ToolError(
                .notWell,
                tried: "Prepared to drop \(index.name).",
                stopped: why,
                next: "It stays; drop what it serves first."
            )
        }
        let table = catalog.table(of: index)
        self.subject = index.name
        self.steps = index.expressionStatistics(on: table).map {
            IndexStep(kind: .statistics, subject: table, table: table, statement: $0)
        }
        if !self.steps.isEmpty {
            self.steps.append(IndexStep(kind: .analyze, subject: table, table: table, statement: "ANALYZE \(table)"))
        }
        self.steps.append(
            IndexStep(
                kind: index.isPartitioned ? .dropRoot : .drop,
                subject: index.name,
                table: table,
                statement: "DROP INDEX \(index.isPartitioned ? "" : "CONCURRENTLY ")\(index.name)",
                undo: definition
            )
        )
    }

    private static func reasonToStay(_ index: CatalogIndex, in catalog: Catalog, besides others: Set<Int>) -> String? {
        if index.isPrimary || index.constraint != nil { return "A constraint owns it." }
        if index.isReferenced { return "A foreign key refers to its columns by it." }
        if index.isUnique || index.isExclusion { return "It enforces a rule." }
        if index.isReplicaIdentity { return "It is the identity of rows for replication." }
        if index.isClustered { return "The table is ordered by it (CLUSTER)." }
        if index.parent != 0 { return "It is a part of a partitioned table's index." }
        let left = catalog.indexes(of: index.table).filter { $0.oid == index.oid || !others.contains($0.oid) }
        let keys = catalog.foreignKeys.filter { $0.table == index.table }
        guard let key = keys.first(where: { $0.isSupportedOnly(by: index, among: left) }) else { return nil }
        return "It is the only index that serves the foreign key \(key.name)."
    }
}
