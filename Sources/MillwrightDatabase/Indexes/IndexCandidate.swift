// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// An index that might help a statement: its table and its key columns in order.
struct IndexCandidate: Sendable, Hashable {
    /// A key column; the direction is kept only where an ORDER BY mixes them.
    struct Key: Sendable, Hashable {
        var name: String
        var isDescending = false
        /// What CREATE INDEX writes.
        var text: String { quoted(self.name) + (self.isDescending ? " DESC" : "") }
    }

    var table: Int
    var keys: [Key]

    var columns: String { self.keys.map(\.text).joined(separator: ", ") }

    /// Whether its keys are the first keys of another on the same table.
    func isPrefix(of other: IndexCandidate) -> Bool {
        self.table == other.table && self != other && other.keys.starts(with: self.keys)
    }
}

/// A big table with the columns an index could be made on.
struct IndexableTable: Sendable, Hashable {
    struct Column: Sendable, Hashable {
        var number: Int
        var name: String
        /// As `pg_stats` has it, negative for a share of the rows; nothing where the role may not read it.
        var distinct: Double?
    }

    var oid: Int
    var schema: String
    var name: String
    var rows: Double
    var columns: [Column]

    func column(_ name: String) -> Column? { self.columns.first { $0.name == name } }

    /// The rows that one value of a column has on average, as a share of all.
    func share(of name: String) -> Double? {
        guard let distinct = self.column(name)?.distinct, distinct != 0 else { return nil }
        return 1 / max(1, distinct < 0 ? -distinct * self.rows : distinct)
    }
}

extension IndexCandidate {
    /// The candidates for each big table that a statement reads, best guess first.
    ///
    /// Equality columns, the most selective leading, then one range or the order of the rows; join columns for the inner side of a
    /// nested loop. Nothing where the statement cannot be parsed.
    static func all(for text: String, on tables: [IndexableTable]) -> [IndexCandidate]? {
        guard let tree = QueryParser.tree(of: text) else { return nil }
        let names = TableNames(tables.map(\.advised), searchPath: Self.searchPath(among: tables))
        var seen: Set<IndexCandidate> = []
        return StatementReading(tree, text: text, tables: names).uses
            .flatMap { Usage(of: tables[$0.table], $0).candidates }
            .filter { seen.insert($0).inserted }
    }

    /// What a name without a schema means is not known here: a table of `public`, or else one of another schema.
    private static func searchPath(among tables: [IndexableTable]) -> [String] {
        ["public"] + Set(tables.map(\.schema)).subtracting(["public"]).sorted()
    }
}

extension IndexableTable {
    /// As statements are read with: names alone.
    fileprivate var advised: AdvisedTable {
        AdvisedTable(
            oid: self.oid,
            schema: self.schema,
            name: self.name,
            rows: self.rows,
            pages: 0,
            columns: self.columns.map { AdvisedTable.Column(name: $0.name, type: "", length: -1, alignment: 4) }
        )
    }
}

/// What a statement does with the plain columns of one table, as far as a btree serves it.
private struct Usage {
    var table: IndexableTable
    var equal: [String] = []
    var joined: [String] = []
    var ranges: [String] = []
    var order: [IndexCandidate.Key] = []

    init(of table: IndexableTable, _ use: TableUse) {
        self.table = table
        var seen: Set<String> = []
        let firm = { (parts: [TableUse.Part]) in parts.filter { !use.loose.contains($0) }.compactMap(Self.column) }
        self.equal = firm(use.equal).filter { seen.insert($0).inserted }
            .sorted { (table.share(of: $0) ?? 0.5) < (table.share(of: $1) ?? 0.5) }
        self.ranges = firm(use.ranges).filter { seen.insert($0).inserted }
        self.joined = firm(use.joined).filter { seen.insert($0).inserted }
        let order = use.order.compactMap { key in
            key.nullsFirst == nil
                ? key.column.map { IndexCandidate.Key(name: $0, isDescending: key.isDescending) } : nil
        }
        if use.hasLimit, order.count == use.order.count { self.order = Self.undirected(order) }
    }

    private static func column(_ part: TableUse.Part) -> String? {
        if case .column(let name) = part { name } else { nil }
    }

    /// An index is read backwards as well as forwards, so one direction for all is no direction.
    private static func undirected(_ keys: [IndexCandidate.Key]) -> [IndexCandidate.Key] {
        let isMixed = Set(keys.map(\.isDescending)).count > 1
        return isMixed ? keys : keys.map { IndexCandidate.Key(name: $0.name) }
    }

    var candidates: [IndexCandidate] {
        let equal = self.equal.prefix(3).map { IndexCandidate.Key(name: $0) }
        var lists: [[IndexCandidate.Key]] = []
        if !equal.isEmpty { lists += [Array(equal.prefix(1)), equal] }
        lists += self.ranges.prefix(2).map { Array(equal.prefix(2)) + [IndexCandidate.Key(name: $0)] }
        if !self.order.isEmpty { lists.append(Array(equal.prefix(2)) + self.order.prefix(2)) }
        for join in self.joined.prefix(3) {
            lists += [[IndexCandidate.Key(name: join)], [IndexCandidate.Key(name: join)] + equal.prefix(1)]
        }
        return lists.map { IndexCandidate(table: self.table.oid, keys: Self.unique($0)) }
    }

    private static func unique(_ keys: [IndexCandidate.Key]) -> [IndexCandidate.Key] {
        var seen: Set<String> = []
        return keys.filter { seen.insert($0.name).inserted }
    }
}
