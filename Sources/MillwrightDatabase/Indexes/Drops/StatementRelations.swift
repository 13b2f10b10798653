// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Finds which statements name a relation: by the parser, once for each statement.
struct StatementRelations: Sendable {
    private enum Names: Sendable {
        case parsed(Set<NamedRelation>)
        /// The parser does not take it: its text has to do.
        case unparsed(String)
    }

    /// By query id.
    private var known: [String: Names] = [:]

    /// Whether a statement names any of the relations of an index that goes.
    mutating func isAbout(_ target: DropTarget, _ statement: Statement) -> Bool {
        switch self.names(in: statement) {
        case .parsed(let names):
            target.relations.contains { relation in
                names.contains(NamedRelation(schema: relation.schema, name: relation.name))
                    || names.contains(NamedRelation(schema: nil, name: relation.name))
            }
        case .unparsed(let text): target.relations.contains { text.contains($0.name.lowercased()) }
        }
    }

    private mutating func names(in statement: Statement) -> Names {
        if let names = self.known[statement.id] { return names }
        let names =
            QueryParser.tree(of: statement.text).map { Names.parsed($0.namedRelations) }
            ?? .unparsed(statement.text.lowercased())
        self.known[statement.id] = names
        return names
    }
}

/// A relation as a statement writes it; the schema only where it is written.
struct NamedRelation: Sendable, Hashable {
    var schema: String?
    var name: String
}

extension ParseNode {
    /// Every relation that a statement names, but for the queries in its WITH clauses.
    var namedRelations: Set<NamedRelation> {
        var (names, queries): (Set<NamedRelation>, Set<String>) = ([], [])
        self.collect(into: &names, but: &queries)
        return names.filter { $0.schema != nil || !queries.contains($0.name) }
    }

    private func collect(into names: inout Set<NamedRelation>, but queries: inout Set<String>) {
        // the changed table of UPDATE, DELETE and INSERT stands without the node's name
        for relation in [self["RangeVar"], self["relation"]] {
            guard let name = relation?["relname"]?.text else { continue }
            names.insert(NamedRelation(schema: relation?["schemaname"]?.text, name: name))
        }
        if let query = self["CommonTableExpr"]?["ctename"]?.text { queries.insert(query) }
        for child in self.children { child.collect(into: &names, but: &queries) }
    }
}
