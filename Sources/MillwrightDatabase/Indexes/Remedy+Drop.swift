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
        let statements = index.expressionStatistics(on: table)
        guard !statements.isEmpty else { return self }
        var remedy = self
        remedy.advice += " Its statistics help plans even where it is not scanned, so keep those."
        remedy.commands = statements.map { "\($0);" } + ["ANALYZE \(table);"] + remedy.commands
        return remedy
    }
}

extension CatalogIndex {
    /// The statements that keep what the planner knows of the index's expressions; before PostgreSQL 16 they need a name.
    func expressionStatistics(on table: String) -> [String] {
        let expressions = self.keyExpressions
        let isQuoted = self.name.hasSuffix("\"")
        let stem = isQuoted ? String(self.name.dropLast()) : self.name
        return expressions.enumerated().map { number, expression in
            let name = "\(stem)_stats\(expressions.count > 1 ? "\(number + 1)" : "")\(isQuoted ? "\"" : "")"
            let isBare = !(expression.hasPrefix("(") && expression.hasSuffix(")"))
            return "CREATE STATISTICS \(name) ON \(isBare ? "(\(expression))" : expression) FROM \(table)"
        }
    }
}
