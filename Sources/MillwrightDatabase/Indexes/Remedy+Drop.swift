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
    ///
    /// They are there already where the index could not be dropped the last time.
    func expressionStatistics(on table: String) -> [String] {
        let expressions = self.keyExpressions
        return expressions.enumerated().map { number, expression in
            let name = self.name(endingIn: "_stats\(expressions.count > 1 ? "\(number + 1)" : "")")
            let isBare = !(expression.hasPrefix("(") && expression.hasSuffix(")"))
            let keys = isBare ? "(\(expression))" : expression
            return "CREATE STATISTICS IF NOT EXISTS \(name) ON \(keys) FROM \(table)"
        }
    }

    /// The index's name with something behind it: at most the 63 bytes that PostgreSQL keeps, and never cut to another one's.
    private func name(endingIn end: String) -> String {
        let own = unqualified(self.name)
        let schema = self.name.dropLast(quoted(own).count)
        guard (own + end).utf8.count > 63 else { return schema + quoted(own + end) }
        let end = "_\(self.oid)\(end)"
        var short = own
        while short.utf8.count + end.utf8.count > 63 { short.removeLast() }
        return schema + quoted(short + end)
    }
}
