// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What a statement asks of tables: one scope for each SELECT, UPDATE and DELETE in it.
///
/// Only what a btree can serve is kept: conditions joined by AND that compare a bare column with a value, a list or another
/// table's column, and the order of rows. An OR, a function or a cast around the column, and LIKE are left out.
struct StatementShape: Sendable, Hashable {
    /// A table as the statement names it.
    struct Source: Sendable, Hashable {
        var schema: String?
        var table: String
        /// What its columns are qualified with.
        var alias: String
    }

    /// A column as the statement names it.
    struct Column: Sendable, Hashable {
        var qualifier: String?
        var name: String
    }

    /// One condition on a column.
    enum Condition: Sendable, Hashable {
        /// Compared with a value or a list: `=`, `IN`, `= ANY`.
        case equal(Column)
        /// Compared with another column.
        case join(Column, Column)
        /// `<`, `<=`, `>`, `>=` or BETWEEN.
        case range(Column)
    }

    /// An ORDER BY column.
    struct Order: Sendable, Hashable {
        var column: Column
        var isDescending: Bool
    }

    /// The tables, conditions and order of one SELECT, UPDATE or DELETE.
    struct Scope: Sendable, Hashable {
        var sources: [Source] = []
        var conditions: [Condition] = []
        /// Empty where one part of it is no bare column.
        var order: [Order] = []
        var hasLimit = false
    }

    /// The scopes, outer ones first.
    private(set) var scopes: [Scope] = []

    /// Reads a statement's text, or nothing where it cannot be parsed.
    init?(_ text: String) {
        guard let tree = QueryParser.tree(of: text) else { return nil }
        let names = Self.commonTableNames(in: tree)
        self.visit(tree)
        for position in self.scopes.indices {
            self.scopes[position].sources.removeAll { $0.schema == nil && names.contains($0.table) }
        }
    }

    private mutating func visit(_ node: ParseNode) {
        if let select = node["SelectStmt"] { self.add(select: select) }
        for change in [node["UpdateStmt"], node["DeleteStmt"]].compactMap({ $0 }) {
            self.scopes.append(Scope(change: change))
        }
        for child in node.children { self.visit(child) }
    }

    /// The two sides of a UNION are statements of their own.
    private mutating func add(select: ParseNode) {
        self.scopes.append(Scope(select: select))
        for side in [select["larg"], select["rarg"]].compactMap({ $0 }) { self.add(select: side) }
    }

    private static func commonTableNames(in node: ParseNode) -> Set<String> {
        let own = node["CommonTableExpr"]?["ctename"]?.text.map { Set([$0]) } ?? []
        return node.children.reduce(own) { $0.union(Self.commonTableNames(in: $1)) }
    }
}

extension StatementShape.Scope {
    fileprivate init(select: ParseNode) {
        for item in select["fromClause"]?.elements ?? [] { self.add(source: item) }
        select["whereClause"].map { self.add(condition: $0) }
        let order = (select["sortClause"]?.elements ?? []).map(Self.order)
        self.order = order.contains(nil) ? [] : order.compactMap { $0 }
        self.hasLimit = select["limitCount"] != nil
    }

    fileprivate init(change: ParseNode) {
        change["relation"].map { self.add(table: $0) }
        for key in ["fromClause", "usingClause"] {
            for item in change[key]?.elements ?? [] { self.add(source: item) }
        }
        change["whereClause"].map { self.add(condition: $0) }
    }

    private mutating func add(source node: ParseNode) {
        if let table = node["RangeVar"] {
            self.add(table: table)
        } else if let join = node["JoinExpr"] {
            join["larg"].map { self.add(source: $0) }
            join["rarg"].map { self.add(source: $0) }
            join["quals"].map { self.add(condition: $0) }
        }
    }

    private mutating func add(table node: ParseNode) {
        guard let name = node["relname"]?.text else { return }
        let alias = node["alias"]?["aliasname"]?.text ?? name
        self.sources.append(StatementShape.Source(schema: node["schemaname"]?.text, table: name, alias: alias))
    }

    private mutating func add(condition node: ParseNode) {
        if let both = node["BoolExpr"], both["boolop"]?.text == "AND_EXPR" {
            for part in both["args"]?.elements ?? [] { self.add(condition: part) }
        } else if let expression = node["A_Expr"] {
            self.add(comparison: expression)
        }
    }

    private mutating func add(comparison node: ParseNode) {
        let left = node["lexpr"].flatMap(StatementShape.Column.init)
        let right = node["rexpr"].flatMap(StatementShape.Column.init)
        let sign = node["name"]?.elements.last?["String"]?["sval"]?.text ?? ""
        switch (node["kind"]?.text, sign) {
        case ("AEXPR_OP", "="):
            switch (left, right) {
            case (let left?, let right?): self.conditions.append(.join(left, right))
            case (let column?, nil), (nil, let column?): self.conditions.append(.equal(column))
            case (nil, nil): break
            }
        case ("AEXPR_IN", "="), ("AEXPR_OP_ANY", "="):
            left.map { self.conditions.append(.equal($0)) }
        case ("AEXPR_OP", "<"), ("AEXPR_OP", "<="), ("AEXPR_OP", ">"), ("AEXPR_OP", ">="):
            if left == nil || right == nil { (left ?? right).map { self.conditions.append(.range($0)) } }
        case ("AEXPR_BETWEEN", _):
            left.map { self.conditions.append(.range($0)) }
        default:
            break
        }
    }

    private static func order(_ node: ParseNode) -> StatementShape.Order? {
        guard let sort = node["SortBy"], let column = sort["node"].flatMap(StatementShape.Column.init),
            ["SORTBY_NULLS_DEFAULT", nil].contains(sort["sortby_nulls"]?.text)
        else { return nil }
        return StatementShape.Order(column: column, isDescending: sort["sortby_dir"]?.text == "SORTBY_DESC")
    }
}

extension StatementShape.Column {
    /// A bare column reference; nothing for `*`, expressions, and names with more than two parts.
    fileprivate init?(_ node: ParseNode) {
        let fields = node["ColumnRef"]?["fields"]?.elements ?? []
        let names = fields.compactMap { $0["String"]?["sval"]?.text }
        guard names.count == fields.count, let name = names.last, names.count <= 2 else { return nil }
        self.init(qualifier: names.count == 2 ? names[0] : nil, name: name)
    }
}
