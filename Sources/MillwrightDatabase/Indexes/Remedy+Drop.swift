// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

extension Remedy {
    /// Drops an index without blocking writers; the index of a partitioned table cannot be dropped that way.
    static func dropping(_ index: CatalogIndex, _ advice: String) -> Remedy {
        index.isPartitioned
            ? Remedy(
                "\(advice) The index of a partitioned table locks it for a moment: choose a quiet time.",
                commands: ["DROP INDEX \(index.name);"]
            )
            : Remedy(advice, commands: ["DROP INDEX CONCURRENTLY \(index.name);"])
    }

    /// Makes the statistics of an index's expressions before it goes: they shape plans even where no plan scans it.
    func keepingStatistics(of index: CatalogIndex, on table: String) -> Remedy {
        let expressions = index.keyExpressions
        guard !expressions.isEmpty else { return self }
        var remedy = self
        remedy.advice += " Its statistics help plans even where it is not scanned, so keep those."
        remedy.commands =
            expressions.map { "CREATE STATISTICS ON \(Self.parenthesised($0)) FROM \(table);" } + ["ANALYZE \(table);"]
            + remedy.commands
        return remedy
    }

    private static func parenthesised(_ expression: String) -> String {
        expression.hasPrefix("(") && expression.hasSuffix(")") ? expression : "(\(expression))"
    }
}
