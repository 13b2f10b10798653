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

    private(set) var calls: [Name: Int] = [:]

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

    private mutating func visit(_ node: ParseNode, calls: Int) {
        if let update = node["UpdateStmt"] { self.add(update, calls: calls) }
        for child in node.children { self.visit(child, calls: calls) }
    }

    private mutating func add(_ update: ParseNode, calls: Int) {
        guard let relation = update["relation"], let table = relation["relname"]?.text else { return }
        for target in update["targetList"]?.elements ?? [] {
            guard let column = target["ResTarget"]?["name"]?.text else { continue }
            self.calls[Name(schema: relation["schemaname"]?.text, table: table, column: column), default: 0] += calls
        }
    }
}
