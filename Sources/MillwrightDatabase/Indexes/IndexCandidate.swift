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
    /// The candidates for each big table that a statement reads, best guess first: equality columns, the most selective leading,
    /// then one range or the order of the rows; join columns for the inner side of a nested loop.
    static func all(for shape: StatementShape, on tables: [IndexableTable]) -> [IndexCandidate] {
        var seen: Set<IndexCandidate> = []
        return shape.scopes.flatMap { scope in
            scope.sources.flatMap { source in
                Self.table(of: source, among: tables).map {
                    Usage(of: $0, as: source, in: scope, tables: tables).candidates
                } ?? []
            }
        }.filter { seen.insert($0).inserted }
    }

    /// The table that a name means; one without a schema means the only table of that name, or that of `public`.
    private static func table(of source: StatementShape.Source, among tables: [IndexableTable]) -> IndexableTable? {
        let named = tables.filter { $0.name == source.table && (source.schema ?? $0.schema) == $0.schema }
        return named.count > 1 ? named.first { $0.schema == "public" } : named.first
    }
}

/// What one scope of a statement does with the columns of one table.
private struct Usage {
    var table: IndexableTable
    var equal: [String] = []
    var joined: [String] = []
    var ranges: [String] = []
    var order: [IndexCandidate.Key] = []

    init(
        of table: IndexableTable,
        as source: StatementShape.Source,
        in scope: StatementShape.Scope,
        tables: [IndexableTable]
    ) {
        self.table = table
        let isAlone = scope.sources.count == 1
        // A column without a qualifier is this table's when no other source can have it.
        let own = { (column: StatementShape.Column) -> String? in
            guard table.column(column.name) != nil else { return nil }
            return column.qualifier == source.alias || column.qualifier == nil && isAlone ? column.name : nil
        }
        for condition in scope.conditions {
            switch condition {
            case .equal(let column): own(column).map { self.equal.append($0) }
            case .range(let column): own(column).map { self.ranges.append($0) }
            case .join(let one, let other):
                [one, other].compactMap(own).forEach { self.joined.append($0) }
            }
        }
        let order = scope.order.compactMap { part in
            own(part.column).map { IndexCandidate.Key(name: $0, isDescending: part.isDescending) }
        }
        if scope.hasLimit, order.count == scope.order.count { self.order = Self.undirected(order) }
        self.sortBySelectivity()
    }

    /// An index is read backwards as well as forwards, so one direction for all is no direction.
    private static func undirected(_ keys: [IndexCandidate.Key]) -> [IndexCandidate.Key] {
        let isMixed = Set(keys.map(\.isDescending)).count > 1
        return isMixed ? keys : keys.map { IndexCandidate.Key(name: $0.name) }
    }

    private mutating func sortBySelectivity() {
        let table = self.table
        var seen: Set<String> = []
        self.equal = self.equal.filter { seen.insert($0).inserted }
            .sorted { (table.share(of: $0) ?? 0.5) < (table.share(of: $1) ?? 0.5) }
        self.ranges = self.ranges.filter { seen.insert($0).inserted }
        self.joined = self.joined.filter { seen.insert($0).inserted }
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
