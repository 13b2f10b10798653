// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// The lookups that DELETEs and UPDATEs cause by the foreign keys that refer to their rows.
///
/// The server makes them inside of the statement: EXPLAIN does not count them, and `pg_stat_statements` counts their time as the
/// statement's own. Each becomes a statement of the workload, as often as rows are changed.
struct KeyLookups: Sendable {
    /// One key's lookups because of one statement.
    private struct Share: Sendable {
        var key: Int
        var statement: String
        /// Lookups each time that the statement runs.
        var times: Double
    }

    /// How far a DELETE is followed that deletes what refers to its rows.
    private static let depth = 4

    private let keys: [ReferencingKey]
    private var shares: [Share] = []
    /// A statement for each key that is looked up; those weighted by time have no weight before ``share(among:)``.
    private(set) var statements: [WorkloadStatement] = []

    /// - Parameters:
    ///   - changes: by the statements' names, what each of them changes.
    ///   - keys: those that refer to the changed tables.
    init(
        of queries: [AdvisedQuery],
        changes: [String: RowChange],
        by keys: [ReferencingKey],
        on tables: TableNames
    ) {
        self.keys = keys
        var found: [Int: WorkloadStatement] = [:]
        for query in queries {
            guard let change = changes[query.statement.name],
                let rows = query.statement.rowsPerCall ?? query.changedRows, rows > 0,
                let table = tables.position(of: change.table, in: change.schema)
            else { continue }
            for (key, times) in Self.times(change, of: tables.list[table], rows: rows, keys, tables, Self.depth) {
                self.shares.append(Share(key: key, statement: query.statement.name, times: times))
                var statement = found[key] ?? Self.statement(keys[key], like: query.statement.weight)
                statement.calls += query.statement.calls * times
                if case (.calls(let known), .calls(let calls)) = (statement.weight, query.statement.weight) {
                    statement.weight = .calls(known + calls * times)
                }
                found[key] = statement
            }
        }
        self.statements = found.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Splits the time of each statement between itself and its lookups, as the planner's costs of them are to each other.
    ///
    /// - Parameter queries: the statements, and the lookups where the server could plan them.
    func share(among queries: inout [AdvisedQuery]) {
        let positions = Dictionary(queries.indices.map { (queries[$0].statement.name, $0) }) { first, _ in first }
        for (name, own) in Dictionary(grouping: self.shares, by: \.statement) {
            guard let statement = positions[name],
                case .seconds(let seconds) = queries[statement].statement.weight
            else { continue }
            let planned = own.compactMap { share in
                positions[Self.name(self.keys[share.key])].map { (position: $0, cost: share.times * queries[$0].cost) }
            }
            let whole = planned.reduce(queries[statement].cost) { $0 + $1.cost }
            guard whole > 0 else { continue }
            queries[statement].statement.weight = .seconds(seconds * queries[statement].cost / whole)
            for (position, cost) in planned {
                guard case .seconds(let known) = queries[position].statement.weight else { continue }
                queries[position].statement.weight = .seconds(known + seconds * cost / whole)
            }
        }
    }

    private static func name(_ key: ReferencingKey) -> String {
        "lookups of the foreign key \(key.name) of \(quoted(key.schema)).\(quoted(key.table))"
    }

    private static func statement(_ key: ReferencingKey, like weight: WorkloadStatement.Weight) -> WorkloadStatement {
        let none: WorkloadStatement.Weight =
            switch weight {
            case .seconds: .seconds(0)
            case .calls: .calls(0)
            }
        return WorkloadStatement(name: Self.name(key), text: key.lookup, weight: none, calls: 0)
    }

    /// How often each key is looked up where so many rows of a table are changed.
    private static func times(
        _ change: RowChange,
        of table: AdvisedTable,
        rows: Double,
        _ keys: [ReferencingKey],
        _ tables: TableNames,
        _ depth: Int
    ) -> [Int: Double] {
        var times: [Int: Double] = [:]
        for (number, key) in keys.enumerated() where key.parent == table.name && key.parentSchema == table.schema {
            guard change.touches(key.parentColumns) else { continue }
            times[number, default: 0] += rows
            guard change.columns == nil, key.cascades, depth > 1,
                let position = tables.position(of: key.table, in: key.schema)
            else { continue }
            let child = tables.list[position]
            let values = child.column(key.columns[0])?.distinctValues(among: child.rows) ?? child.rows
            let below = RowChange(schema: child.schema, table: child.name)
            let deleted = rows * child.rows / max(1, values)
            times.merge(Self.times(below, of: child, rows: deleted, keys, tables, depth - 1), uniquingKeysWith: +)
        }
        return times
    }
}

/// What a DELETE or an UPDATE changes.
struct RowChange: Sendable, Hashable {
    /// Only where it is written.
    var schema: String?
    var table: String
    /// The columns that are set; `nil` where rows are deleted.
    var columns: Set<String>?

    init(schema: String?, table: String, columns: Set<String>? = nil) {
        self.schema = schema
        self.table = table
        self.columns = columns
    }

    /// Nothing for other statements.
    init?(_ tree: ParseNode) {
        let statement = tree["stmts"]?.elements.first?["stmt"]
        guard let change = statement?["DeleteStmt"] ?? statement?["UpdateStmt"],
            let table = change["relation"]?["relname"]?.text
        else { return nil }
        self.schema = change["relation"]?["schemaname"]?.text
        self.table = table
        if statement?["UpdateStmt"] != nil {
            self.columns = Set((change["targetList"]?.elements ?? []).compactMap { $0["ResTarget"]?["name"]?.text })
        }
    }

    /// Whether a key that refers to some columns has to be looked up.
    func touches(_ referred: [String]) -> Bool { self.columns.map { !$0.isDisjoint(with: referred) } ?? true }
}
