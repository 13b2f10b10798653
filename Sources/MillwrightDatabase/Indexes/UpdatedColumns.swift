// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Which columns the statements of a server set in rows that are there, and how often: of UPDATE, of MERGE, and of upserts.
struct UpdatedColumns: Sendable, Hashable {
    /// One statement that updates; the schema only where it is written.
    private struct Update: Sendable, Hashable {
        var schema: String?
        var columns: Set<String>
        var calls: Double
    }

    /// By the table's name.
    private var updates: [String: [Update]] = [:]

    init(_ statements: [Statement] = []) {
        for statement in statements {
            guard let tree = QueryParser.tree(of: statement.text) else { continue }
            self.visit(tree, calls: Double(statement.calls))
        }
    }

    /// How often a column of a table was set.
    func calls(schema: String, table: String, column: String) -> Int {
        let setting = self.updates(of: table, in: schema).filter { $0.columns.contains(column) }
        let calls = setting.reduce(0) { $0 + $1.calls }
        return Int(exactly: calls.rounded()) ?? .max
    }

    /// Of the updates of a table that set none of its `indexed` columns the share, from 0 to 1, that set one of some others.
    func share(
        settingOneOf columns: Set<String>,
        noneOf indexed: Set<String>,
        schema: String,
        table: String
    ) -> Double {
        let updates = self.updates(of: table, in: schema).filter { $0.columns.isDisjoint(with: indexed) }
        let all = updates.reduce(0) { $0 + $1.calls }
        let those = updates.reduce(0) { $0 + ($1.columns.isDisjoint(with: columns) ? 0 : $1.calls) }
        return all > 0 ? those / all : 0
    }

    private func updates(of table: String, in schema: String) -> [Update] {
        (self.updates[table] ?? []).filter { $0.schema == nil || $0.schema == schema }
    }

    /// Counts what a statement sets that ran so often.
    mutating func visit(_ node: ParseNode, calls: Double) {
        if let update = node["UpdateStmt"] { self.add(update["targetList"], of: update, calls: calls) }
        if let insert = node["InsertStmt"] {
            self.add(insert["onConflictClause"]?["targetList"], of: insert, calls: calls)
        }
        if let merge = node["MergeStmt"] {
            for clause in merge["mergeWhenClauses"]?.elements ?? [] {
                let when = clause["MergeWhenClause"]
                guard when?["commandType"]?.text == "CMD_UPDATE" else { continue }
                self.add(when?["targetList"], of: merge, calls: calls)
            }
        }
        for child in node.children { self.visit(child, calls: calls) }
    }

    private mutating func add(_ targets: ParseNode?, of statement: ParseNode, calls: Double) {
        let columns = (targets?.elements ?? []).compactMap { $0["ResTarget"]?["name"]?.text }
        let relation = statement["relation"]
        guard let table = relation?["relname"]?.text, !columns.isEmpty else { return }
        let update = Update(schema: relation?["schemaname"]?.text, columns: Set(columns), calls: calls)
        self.updates[table, default: []].append(update)
    }
}
