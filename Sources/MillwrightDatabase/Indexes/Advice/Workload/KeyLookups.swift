// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// The lookups that DELETEs cause by the foreign keys that refer to their rows.
///
/// The server makes them inside of the statement: EXPLAIN does not count them, and `pg_stat_statements` counts their time as the
/// statement's own. Each key becomes a statement of the workload, as often as rows are deleted. UPDATEs are left out: a key that is set
/// to what it is, as many do that write all columns, is not looked up.
struct KeyLookups: Sendable {
    /// One key's lookups because of one statement.
    private struct Share: Sendable {
        var key: Int
        /// The statement, by its position.
        var statement: Int
        /// Lookups each time that the statement runs.
        var times: Double
    }

    /// How far a DELETE is followed that deletes what refers to its rows.
    private static let depth = 4

    private let keys: [ReferencingKey]
    /// By the table referred to, the keys' positions.
    private let byParent: [[String]: [Int]]
    private let tables: TableNames
    private var shares: [Share] = []
    /// A statement for each key that is looked up; those weighted by time have no weight before ``share(among:)``.
    private(set) var statements: [WorkloadStatement] = []

    /// - Parameter keys: those that refer to the tables that are deleted from.
    init(of queries: [AdvisedQuery], by keys: [ReferencingKey], on tables: TableNames) {
        self.keys = keys
        self.tables = tables
        self.byParent = Dictionary(grouping: keys.indices) { [keys[$0].parentSchema, keys[$0].parent] }
        var found: [Int: WorkloadStatement] = [:]
        for (position, query) in queries.enumerated() {
            guard let table = query.deletesFrom, let rows = query.statement.rowsPerCall ?? query.deletedRows, rows > 0
            else { continue }
            for (key, times) in self.times(of: tables.list[table], rows: rows, path: []) {
                self.shares.append(Share(key: key, statement: position, times: times))
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
    /// - Parameter queries: the statements, followed by the lookups that the server could plan.
    func share(among queries: inout [AdvisedQuery]) {
        let positions = Dictionary(queries.indices.map { (queries[$0].statement.name, $0) }) { $1 }
        for (statement, own) in Dictionary(grouping: self.shares, by: \.statement) {
            guard case .seconds(let seconds) = queries[statement].statement.weight else { continue }
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

    /// How often each key is looked up where so many rows of a table are deleted.
    ///
    /// - Parameter path: the keys by which the rows came to be deleted, none of which is followed twice.
    private func times(of table: AdvisedTable, rows: Double, path: [Int]) -> [Int: Double] {
        var times: [Int: Double] = [:]
        for number in self.byParent[[table.schema, table.name]] ?? [] where !path.contains(number) {
            times[number, default: 0] += rows
            let key = self.keys[number]
            guard key.cascades, path.count < Self.depth,
                let position = self.tables.position(of: key.table, in: key.schema)
            else { continue }
            let child = self.tables.list[position]
            let deleted = min(child.rows, rows * Self.rowsOfOneValue(key, child))
            times.merge(self.times(of: child, rows: deleted, path: path + [number]), uniquingKeysWith: +)
        }
        return times
    }

    /// The rows that refer to one row, on average.
    private static func rowsOfOneValue(_ key: ReferencingKey, _ child: AdvisedTable) -> Double {
        let columns = key.columns.compactMap(child.column)
        let values = columns.compactMap { $0.distinctValues(among: child.rows) }.max() ?? child.rows
        let filled = columns.map { 1 - $0.nullFraction }.min() ?? 1
        return child.rows * filled / max(1, values)
    }
}

extension ParseNode {
    /// The table that the statement deletes from, with the schema only where it is written; nothing for other statements.
    var deleteTarget: (schema: String?, table: String)? {
        let relation = self["stmts"]?.elements.first?["stmt"]?["DeleteStmt"]?["relation"]
        return relation?["relname"]?.text.map { (relation?["schemaname"]?.text, $0) }
    }
}
