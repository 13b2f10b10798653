// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension ParseNode {
    /// Every table name below, as the statement writes it without schema.
    var tableNames: Set<String> {
        var names: Set<String> = []
        self.collect(into: &names)
        return names
    }

    private func collect(into names: inout Set<String>) {
        if let name = self["RangeVar"]?["relname"]?.text { names.insert(name) }
        // the changed table of UPDATE, DELETE and INSERT stands without the node's name
        if let name = self["relation"]?["relname"]?.text { names.insert(name) }
        for child in self.children { child.collect(into: &names) }
    }

    /// Whether it names relations, and all of them are among some names.
    func reads(only names: Set<String>) -> Bool {
        let read = self.tableNames.subtracting(self.queryNames)
        return !read.isEmpty && read.isSubset(of: names)
    }

    /// The names of the queries in its WITH clauses.
    private var queryNames: Set<String> {
        let own = self["CommonTableExpr"]?["ctename"]?.text.map { [$0] } ?? []
        return self.children.reduce(into: Set(own)) { $0.formUnion($1.queryNames) }
    }

    /// A placeholder: its number, and where it stands as a byte of the statement.
    struct Placeholder: Sendable, Hashable {
        var number: Int
        var location: Int
        /// The type that stands before it, as in `interval $1`: only a plain literal can follow.
        var typeBefore: String?
    }

    /// The placeholders below.
    var placeholders: [Placeholder] {
        if let parameter = self["ParamRef"] {
            let number = Int(parameter["number"]?.number ?? 0)
            return [Placeholder(number: number, location: Int(parameter["location"]?.number ?? 0))]
        }
        let below = self.children.flatMap(\.placeholders)
        // `interval $1` is a cast without a place of its own, `$1::interval` has one
        guard let cast = self["TypeCast"], cast["location"]?.number == -1, cast["arg"]?["ParamRef"] != nil else {
            return below
        }
        let type = cast["typeName"]?["names"]?.elements.last?["String"]?["sval"]?.text
        return below.map { Placeholder(number: $0.number, location: $0.location, typeBefore: type) }
    }
}

extension ParseNode {
    /// Whether it is the tree of one SELECT that locks no rows.
    var isPlainSelect: Bool {
        let statements = self["stmts"]?.elements ?? []
        guard statements.count == 1, let select = statements[0]["stmt"]?["SelectStmt"] else { return false }
        return select["lockingClause"] == nil && select["intoClause"] == nil
    }
}
