// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What a statement asks of tables, read from its parse tree with names resolved through the catalog.
struct StatementReading: Sendable {
    /// One use for each time a table is named.
    var uses: [TableUse] = []
    /// What each placeholder stands beside.
    var places: [Int: ParameterValues.Place] = [:]
    let tables: TableNames
    private var scopes: [[Source]] = []
    private var commonTables: Set<String> = []
    let sql: SQLText

    /// A table, subquery or function of a FROM clause.
    private struct Source {
        var alias: String
        /// The use of a table; `nil` for what is no table.
        var use: Int?
    }

    /// Reads a statement.
    init(_ tree: ParseNode, text: String, tables: TableNames) {
        self.tables = tables
        self.sql = SQLText(source: Array(text.utf8))
        for statement in tree["stmts"]?.elements ?? [] { statement["stmt"].map { self.visit($0) } }
    }

    // MARK: Statements

    private mutating func visit(_ node: ParseNode) {
        if let select = node["SelectStmt"] {
            self.visit(select: select)
        } else if let insert = node["InsertStmt"] {
            self.commonTables(of: insert)
            insert["selectStmt"].map { self.visit($0) }
        } else if let change = node["UpdateStmt"] ?? node["DeleteStmt"] {
            self.visit(change: change)
        }
    }

    private mutating func visit(change: ParseNode) {
        self.commonTables(of: change)
        self.scopes.append([])
        change["relation"].map { self.add(table: $0) }
        for key in ["fromClause", "usingClause"] {
            for item in change[key]?.elements ?? [] { self.add(source: item) }
        }
        for target in change["targetList"]?.elements ?? [] { self.note(target) }
        change["whereClause"].map { self.add(condition: $0, isRequired: true) }
        for target in change["returningList"]?.elements ?? [] { self.note(target) }
        self.scopes.removeLast()
    }

    private mutating func visit(select: ParseNode, needsTargets: Bool = true) {
        self.commonTables(of: select)
        for side in [select["larg"], select["rarg"]].compactMap({ $0 }) { self.visit(select: side) }
        self.scopes.append([])
        for item in select["fromClause"]?.elements ?? [] { self.add(source: item) }
        if needsTargets { for target in select["targetList"]?.elements ?? [] { self.note(target) } }
        select["whereClause"].map { self.add(condition: $0, isRequired: true) }
        select["havingClause"].map { self.note($0) }
        self.add(groups: select)
        self.add(order: select)
        self.scopes.removeLast()
    }

    private mutating func commonTables(of node: ParseNode) {
        for item in node["withClause"]?["ctes"]?.elements ?? [] {
            guard let table = item["CommonTableExpr"] else { continue }
            table["ctequery"].map { self.visit($0) }
            table["ctename"]?.text.map { _ = self.commonTables.insert($0) }
        }
    }

    // MARK: FROM

    private mutating func add(source node: ParseNode) {
        if let table = node["RangeVar"] {
            self.add(table: table)
        } else if let join = node["JoinExpr"] {
            join["larg"].map { self.add(source: $0) }
            join["rarg"].map { self.add(source: $0) }
            // the condition of an outer join is not one that every row meets
            join["quals"].map { self.add(condition: $0, isRequired: join["jointype"]?.text == "JOIN_INNER") }
            for name in (join["usingClause"]?.elements ?? []).compactMap({ $0["String"]?["sval"]?.text }) {
                self.join(using: name)
            }
        } else if let query = node["RangeSubselect"] {
            query["subquery"].map { self.visit($0) }
            self.add(Source(alias: query["alias"]?["aliasname"]?.text ?? "", use: nil))
        } else if let function = node["RangeFunction"] {
            self.note(function)
            self.add(Source(alias: function["alias"]?["aliasname"]?.text ?? "", use: nil))
        }
    }

    private mutating func add(_ source: Source) { self.scopes[self.scopes.count - 1].append(source) }

    private mutating func add(table node: ParseNode) {
        guard let name = node["relname"]?.text else { return }
        let schema = node["schemaname"]?.text
        let alias = node["alias"]?["aliasname"]?.text ?? name
        guard schema != nil || !self.commonTables.contains(name), let table = self.tables.position(of: name, in: schema)
        else { return self.add(Source(alias: alias, use: nil)) }
        self.uses.append(TableUse(table: table))
        self.add(Source(alias: alias, use: self.uses.count - 1))
    }

    private mutating func join(using name: String) {
        for use in (self.scopes.last ?? []).compactMap(\.use) where self.has(use, name) {
            self.uses[use].columns.insert(name)
            self.uses[use].joined.append(.column(name))
        }
    }

    // MARK: Columns

    func has(_ use: Int, _ column: String) -> Bool {
        self.tables.list[self.uses[use].table].column(column) != nil
    }

    /// The use and the column that a reference means: of the innermost scope that has it.
    func resolve(_ reference: ParseNode) -> (use: Int, column: String)? {
        let fields = reference["fields"]?.elements ?? []
        let names = fields.compactMap { $0["String"]?["sval"]?.text }
        guard names.count == fields.count, let column = names.last else { return nil }
        let qualifier = names.dropLast().last
        for scope in self.scopes.reversed() {
            if let qualifier {
                guard let source = scope.first(where: { $0.alias == qualifier }) else { continue }
                return source.use.flatMap { self.has($0, column) ? ($0, column) : nil }
            }
            if let use = scope.compactMap(\.use).first(where: { self.has($0, column) }) { return (use, column) }
        }
        return nil
    }

    /// Marks every column below as read, and visits subqueries.
    mutating func note(_ node: ParseNode) {
        if let reference = node["ColumnRef"] { return self.note(reference: reference) }
        if let query = node["SubLink"] { return self.note(subquery: query) }
        if let call = node["FuncCall"] { self.note(extreme: call) }
        for child in node.children { self.note(child) }
    }

    private mutating func note(reference: ParseNode) {
        if let (use, column) = self.resolve(reference) {
            self.uses[use].columns.insert(column)
        } else if reference["fields"]?.elements.last?["A_Star"] != nil {
            let qualifier = reference["fields"]?.elements.first?["String"]?["sval"]?.text
            for source in self.scopes.last ?? [] where qualifier == nil || source.alias == qualifier {
                guard let use = source.use else { continue }
                self.uses[use].columns.formUnion(self.tables.list[self.uses[use].table].columns.map(\.name))
            }
        }
    }

    private mutating func note(subquery node: ParseNode) {
        node["testexpr"].map { self.note($0) }
        guard let select = node["subselect"]?["SelectStmt"] else { return }
        // EXISTS reads none of what its SELECT lists
        self.visit(select: select, needsTargets: node["subLinkType"]?.text != "EXISTS_SUBLINK")
    }

    /// `min` and `max` of a column read one end of an index.
    private mutating func note(extreme call: ParseNode) {
        guard ["min", "max"].contains(call["funcname"]?.elements.last?["String"]?["sval"]?.text ?? ""),
            let reference = call["args"]?.elements.first?["ColumnRef"], let (use, column) = self.resolve(reference),
            self.uses[use].order.isEmpty
        else { return }
        self.uses[use].order = [.column(column)]
        self.uses[use].hasLimit = true
    }

    /// A column or an expression of one table's columns; nothing for a value.
    func part(_ node: ParseNode) -> (use: Int, part: TableUse.Part)? {
        if let reference = node["ColumnRef"] { return self.resolve(reference).map { ($0.use, .column($0.column)) } }
        guard let use = self.onlyUse(in: node), let text = self.sql.text(of: node) else { return nil }
        return (use, .expression(text))
    }

    /// The one table whose columns are in an expression; nothing where there are none or several.
    func onlyUse(in node: ParseNode) -> Int? {
        let found = self.usesBelow(node)
        return found.count == 1 ? found.first.flatMap { $0 } : nil
    }

    /// The tables whose columns are below; `nil` among them stands for a column of something else.
    private func usesBelow(_ node: ParseNode) -> Set<Int?> {
        if let reference = node["ColumnRef"] { return [self.resolve(reference)?.use] }
        if node["SubLink"] != nil { return [] }
        return node.children.reduce(into: []) { $0.formUnion(self.usesBelow($1)) }
    }

    // MARK: GROUP BY and ORDER BY

    private mutating func add(groups select: ParseNode) {
        var groups = select["groupClause"]?.elements ?? []
        if select["distinctClause"] != nil {
            groups += (select["targetList"]?.elements ?? []).compactMap { $0["ResTarget"]?["val"] }
        }
        for group in groups {
            self.note(group)
            self.part(group).map { self.uses[$0.use].groups.append($0.part) }
        }
    }

    private mutating func add(order select: ParseNode) {
        var use: Int?
        var isOpen = true
        for item in select["sortClause"]?.elements ?? [] {
            guard let sort = item["SortBy"], let node = sort["node"] else { continue }
            self.note(node)
            guard isOpen, let found = self.part(self.target(node, of: select)), use == nil || use == found.use else {
                isOpen = false
                continue
            }
            if use == nil { self.uses[found.use].order = [] }
            use = found.use
            let nulls = sort["sortby_nulls"]?.text
            self.uses[found.use].order.append(
                IndexDefinition.Key(
                    found.part,
                    isDescending: sort["sortby_dir"]?.text == "SORTBY_DESC",
                    nullsFirst: nulls == "SORTBY_NULLS_FIRST" ? true : nulls == "SORTBY_NULLS_LAST" ? false : nil
                )
            )
        }
        if select["limitCount"] != nil, let use { self.uses[use].hasLimit = true }
        for limit in [select["limitCount"], select["limitOffset"]].compactMap({ $0 }) {
            for placeholder in limit.placeholders { self.places[placeholder.number] = .limit }
        }
    }

    /// What an ORDER BY position stands for: `ORDER BY 1`.
    private func target(_ node: ParseNode, of select: ParseNode) -> ParseNode {
        guard let position = node["A_Const"]?["ival"]?["ival"]?.number.map({ Int($0) }),
            let targets = select["targetList"]?.elements, targets.indices.contains(position - 1)
        else { return node }
        return targets[position - 1]["ResTarget"]?["val"] ?? node
    }
}
