// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Which columns the UPDATE statements of a server set, and how often, as pg_stat_statements has them.
struct UpdatedColumns: Sendable, Hashable {
    /// A column as an UPDATE names it; the schema only where it is written.
    struct Name: Sendable, Hashable {
        var schema: String?
        var table: String
        var column: String
    }

    private struct Table: Sendable, Hashable {
        var schema: String?
        var name: String
    }

    private(set) var calls: [Name: Int] = [:]
    private var updates: [Table: Int] = [:]

    init(_ statements: [Statement] = []) {
        for statement in statements {
            guard let tree = QueryParser.tree(of: statement.text) else { continue }
            self.visit(tree, calls: statement.calls)
        }
    }

    /// How often a column of a table was set.
    func calls(schema: String, table: String, column: String) -> Int {
        (self.calls[Name(schema: schema, table: table, column: column)] ?? 0)
            + (self.calls[Name(schema: nil, table: table, column: column)] ?? 0)
    }

    /// The share of a table's updates, from 0 to 1, that set one of some columns: that of the column that is set most.
    func share(settingOneOf columns: Set<String>, schema: String, table: String) -> Double {
        let all = [schema, nil].reduce(0) { $0 + (self.updates[Table(schema: $1, name: table)] ?? 0) }
        let most = columns.map { self.calls(schema: schema, table: table, column: $0) }.max() ?? 0
        return all > 0 ? min(1, Double(most) / Double(all)) : 0
    }

    /// Counts what a statement sets that ran so often.
    mutating func visit(_ node: ParseNode, calls: Int) {
        if let update = node["UpdateStmt"] { self.add(update, calls: calls) }
        for child in node.children { self.visit(child, calls: calls) }
    }

    private mutating func add(_ update: ParseNode, calls: Int) {
        guard let relation = update["relation"], let table = relation["relname"]?.text else { return }
        self.updates[Table(schema: relation["schemaname"]?.text, name: table), default: 0] += calls
        for target in update["targetList"]?.elements ?? [] {
            guard let column = target["ResTarget"]?["name"]?.text else { continue }
            self.calls[Name(schema: relation["schemaname"]?.text, table: table, column: column), default: 0] += calls
        }
    }
}
