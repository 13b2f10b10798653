// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// A statement that advice can be given for.
struct AdvisedQuery: Sendable {
    var statement: WorkloadStatement
    /// With values in place of placeholders.
    var text: String
    var uses: [TableUse]
    /// The planner's cost as things are.
    var cost = 0.0
    /// The tables that it reads from end to end as things are.
    var scanned: Set<String> = []
    /// The table that it deletes from, by position.
    var deletesFrom: Int?
    /// The rows that it deletes each time, as the planner estimates.
    var deletedRows: Double?
    /// Whether it only reads.
    var isSelect = false
    /// How many placeholders it has as it was written.
    var parameters = 0
}

/// Turns the statements of a workload into queries that the planner can be asked about, and says which cannot be.
struct WorkloadPreparation: Sendable {
    var queries: [AdvisedQuery] = []
    private(set) var unusable: [UnusableStatement] = []
    private(set) var tables = TableNames([], searchPath: [])
    /// The columns that the statements set.
    private(set) var updated = UpdatedColumns()
    private var open: [(statement: WorkloadStatement, tree: ParseNode)] = []

    /// Whether tools' statements, and those about the server's catalogs, are kept.
    private let keepsTools: Bool

    /// Parses; what is no data statement, Millwright's own, another tool's or the server's is left out without a word.
    ///
    /// - Parameter keepsTools: whether tools' statements, and those about the server's catalogs, are kept.
    init(_ statements: [WorkloadStatement], keepsTools: Bool = false) {
        self.keepsTools = keepsTools
        for statement in statements {
            let facts = Statement(id: statement.name, text: statement.text, calls: 0, totalSeconds: 0)
            guard facts.isDataStatement, !facts.isOwn, !facts.isKeyLookup, keepsTools || !facts.isTools else {
                continue
            }
            guard let tree = QueryParser.tree(of: statement.text) else {
                self.refuse(statement, "it is not in the grammar of PostgreSQL 15, or it was cut off")
                continue
            }
            self.open.append((statement, tree))
        }
    }

    /// How many statements the server is asked about at a time.
    private static let batchSize = 256
    /// How long one of these questions may take where no end is set.
    private static let patience = Duration.seconds(60)

    /// Finds the tables, fills in values, and has every statement planned as things are.
    ///
    /// - Parameter end: when to stop; those that weigh most come first, and the others are not judged.
    mutating func complete(on connection: PostgresConnection, until end: ContinuousClock.Instant? = nil) async throws {
        let path = try await connection.query(
            """
            /* millwright:index-advisor */
            SELECT pg_catalog.current_schemas(false)::text[], pg_catalog.current_database()::text
            """,
            as: ([String], String).self
        )
        // a log has the statements of all databases
        self.open.removeAll { item in
            guard let database = item.statement.database, let here = path.first?.1 else { return false }
            return database != here
        }
        let names = self.open.reduce(into: Set<String>()) { $0.formUnion($1.tree.tableNames) }
        if !self.keepsTools {
            let catalogs = try await Self.catalogs(among: names, on: connection)
            self.open.removeAll { $0.tree.reads(only: catalogs) }
        }
        for item in self.open { self.updated.visit(item.tree, calls: item.statement.calls) }
        let targets = Set(self.open.compactMap { $0.tree.deleteTarget?.table })
        let keys = try await ReferencingKey.read(to: targets.sorted(), on: connection)
        let list = try await AdvisedTable.read(named: names.union(keys.map(\.table)).sorted(), on: connection)
        self.tables = TableNames(list, searchPath: path.first?.0 ?? [])
        try await self.plan(on: connection, until: end)
        let lookups = KeyLookups(of: self.queries, by: keys, on: self.tables)
        self.open = lookups.statements.compactMap { statement in
            QueryParser.tree(of: statement.text).map { (statement, $0) }
        }
        try await self.plan(on: connection, until: end)
        lookups.share(among: &self.queries)
    }

    /// Has every open statement planned as things are.
    private mutating func plan(on connection: PostgresConnection, until end: ContinuousClock.Instant?) async throws {
        var planned: [Int: (query: AdvisedQuery, answer: Result<Rows, PostgresError>)] = [:]
        var late: Set<Int> = []
        let order = Self.byWeight(self.open.map(\.statement))
        for start in stride(from: 0, to: order.count, by: Self.batchSize) {
            let part = Array(order[start..<min(start + Self.batchSize, order.count)])
            let time = min(Self.patience, end.map { $0 - ContinuousClock.now } ?? Self.patience)
            guard time > .zero else { break }
            do {
                let queries = try await self.queries(part, on: connection, within: time)
                let answers = try await connection.query(
                    batch: queries.map { SQL(unsafe: "EXPLAIN \($0.text)") },
                    independently: true,
                    timeout: time
                )
                for (number, pair) in zip(part, zip(queries, answers)) { planned[number] = (pair.0, pair.1) }
            } catch let error as PostgresError where error.code == .timedOut {
                guard await connection.isUsable else { throw error }
                late.formUnion(part)
                try await connection.run(script: "DEALLOCATE ALL")
            }
        }
        for (number, item) in self.open.enumerated() {
            if let (query, answer) = planned[number] {
                try self.take(query, answer)
            } else {
                let isLate = late.contains(number)
                self.refuse(
                    item.statement,
                    isLate ? "the server did not plan it in time" : "there was no time to plan it"
                )
            }
        }
        self.open = []
    }

    /// The names among these that mean nothing but the server's own catalogs and views, or those of an extension that begin like them.
    private static func catalogs(
        among names: Set<String>,
        on connection: PostgresConnection
    ) async throws -> Set<String> {
        let found = try await connection.query(
            """
            /* millwright:index-advisor */
            SELECT c.relname::text
            FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relname = ANY (\(names.sorted())::text[])
            GROUP BY c.relname
            HAVING pg_catalog.bool_and(
                n.nspname IN ('pg_catalog', 'information_schema')
                OR c.relname LIKE 'pg\\_%' AND EXISTS (
                    SELECT FROM pg_catalog.pg_depend AS d
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))
            """,
            as: String.self
        )
        return Set(found)
    }

    /// The positions of statements, those that weigh most first.
    static func byWeight(_ statements: [WorkloadStatement]) -> [Int] {
        let weights = statements.map { statement in
            switch statement.weight {
            case .calls(let weight), .seconds(let weight): weight
            }
        }
        return statements.indices.sorted { (weights[$1], $0) < (weights[$0], $1) }
    }

    /// Some of the statements with values in place of placeholders.
    private func queries(
        _ numbers: [Int],
        on connection: PostgresConnection,
        within time: Duration
    ) async throws -> [AdvisedQuery] {
        let types = try await self.parameterTypes(of: numbers, on: connection, within: time)
        return numbers.map { number in
            let item = self.open[number]
            let reading = StatementReading(item.tree, text: item.statement.text, tables: self.tables)
            let text = Self.filled(item.statement, item.tree, reading.places, types[number] ?? [])
            var query = AdvisedQuery(statement: item.statement, text: text, uses: reading.uses)
            // what has one value only is a constant, to which an index can be limited
            if let fixed = Self.fixed(item.statement, item.tree, reading.places),
                let tree = QueryParser.tree(of: fixed)
            {
                query.uses = StatementReading(tree, text: fixed, tables: self.tables).uses
            }
            query.deletesFrom = item.tree.deleteTarget.flatMap { self.tables.position(of: $0.table, in: $0.schema) }
            query.isSelect = item.tree.isPlainSelect
            query.parameters = item.tree.placeholders.map(\.number).max() ?? 0
            return query
        }
    }

    private mutating func take(_ query: AdvisedQuery, _ answer: Result<Rows, PostgresError>) throws {
        switch answer {
        case .success(let rows):
            var query = query
            query.cost = try PlannedCost(explained: rows, names: [:]).cost
            query.deletedRows = try Self.deletedRows(rows.map { try $0.get(0, as: String.self) })
            query.scanned = Set(try rows.compactMap { Self.scanned(try $0.get(0, as: String.self)) })
            self.queries.append(query)
        case .failure(let error) where error.code == .queryFailed:
            let reason =
                error.isPrivilege
                ? "this role may not plan it (EXPLAIN needs the rights of the statement)"
                : "the server does not plan it (SQLSTATE \(error.sqlState ?? "none"))"
            self.refuse(query.statement, reason, isDenied: error.isPrivilege)
        case .failure(let error): throw error
        }
    }

    /// `  ->  Seq Scan on orders o  (cost=…` names orders.
    static func scanned(_ line: String) -> String? {
        let parts = line.split(separator: "Seq Scan on ", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let isQuoted = parts[1].hasPrefix("\"")
        return parts[1].dropFirst(isQuoted ? 1 : 0).split(separator: isQuoted ? "\"" : " ").first.map(String.init)
    }

    /// `Delete on orders  (cost=…` and `  ->  Seq Scan on orders  (cost=… rows=42 …` give 42.
    private static func deletedRows(_ lines: [String]) -> Double? {
        guard lines.first?.hasPrefix("Delete on ") == true, let source = lines.first(where: { $0.contains("->  ") })
        else { return nil }
        return source.split(separator: " ").first { $0.hasPrefix("rows=") }.flatMap { Double($0.dropFirst(5)) }
    }

    private mutating func refuse(_ statement: WorkloadStatement, _ reason: String, isDenied: Bool = false) {
        let facts = Statement(id: "", text: statement.text, calls: 0, totalSeconds: 0)
        self.unusable.append(
            UnusableStatement(name: statement.name, text: facts.oneLine(120), reason: reason, isDenied: isDenied)
        )
    }

    /// The types that the server gives the placeholders of statements; none where it cannot tell.
    private func parameterTypes(
        of numbers: [Int],
        on connection: PostgresConnection,
        within time: Duration
    ) async throws -> [Int: [String]] {
        let wanted = numbers.filter { !self.open[$0].tree.placeholders.isEmpty }
        guard !wanted.isEmpty else { return [:] }
        let preparing = wanted.map { SQL(unsafe: "PREPARE millwright_\($0) AS \(self.open[$0].statement.text)") }
        _ = try await connection.query(batch: preparing, independently: true, timeout: time)
        let rows = try await connection.query(
            """
            /* millwright:index-advisor */
            SELECT p.name, p.parameter_types::text[] FROM pg_catalog.pg_prepared_statements AS p
            WHERE p.name LIKE 'millwright\\_%' ORDER BY p.name
            """,
            as: (String, [String]).self
        )
        var types: [Int: [String]] = [:]
        for (name, list) in rows { Int(name.dropFirst("millwright_".count)).map { types[$0] = list } }
        try await connection.run(script: "DEALLOCATE ALL")
        return types
    }

    /// The statement with the values in it that it has each time; nothing where there are none.
    private static func fixed(
        _ statement: WorkloadStatement,
        _ tree: ParseNode,
        _ places: [Int: ParameterValues.Place]
    ) -> String? {
        guard !statement.constantColumns.isEmpty else { return nil }
        let constant = tree.placeholders.filter { placeholder in
            guard case .equal(let column) = places[placeholder.number] else { return false }
            return statement.constantColumns.contains(column.name) && statement.values[placeholder.number] != nil
        }
        guard !constant.isEmpty else { return nil }
        return Self.replacing(constant, in: statement.text) { statement.values[$0.number] ?? "NULL" }
    }

    /// A statement with texts in place of some of its placeholders.
    private static func replacing(
        _ placeholders: [ParseNode.Placeholder],
        in text: String,
        by value: (ParseNode.Placeholder) -> String
    ) -> String {
        var bytes = Array(text.utf8)
        for placeholder in placeholders.sorted(by: { $0.location > $1.location }) {
            guard placeholder.location < bytes.count else { continue }
            let digits = bytes[placeholder.location...].dropFirst().prefix { (48...57).contains($0) }
            bytes.replaceSubrange(
                placeholder.location...placeholder.location + digits.count,
                with: Array(value(placeholder).utf8)
            )
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The statement with values in place of its placeholders.
    private static func filled(
        _ statement: WorkloadStatement,
        _ tree: ParseNode,
        _ places: [Int: ParameterValues.Place],
        _ types: [String]
    ) -> String {
        let placeholders = tree.placeholders
        guard !placeholders.isEmpty else { return statement.text }
        let values = ParameterValues(rowsPerCall: statement.rowsPerCall)
        return Self.replacing(placeholders, in: statement.text) { placeholder in
            let type = types.indices.contains(placeholder.number - 1) ? types[placeholder.number - 1] : nil
            var value = values.literal(at: places[placeholder.number] ?? .other, type: type)
            if let real = statement.values[placeholder.number] {
                value = placeholder.typeBefore != nil || real == "NULL" ? real : type.map { "(\(real)::\($0))" } ?? real
            } else if let before = placeholder.typeBefore {
                value = ParameterValues.literal(after: before)
            } else if value.contains("::") {
                // parentheses keep `$1::date` and `-$1` what they were
                value = "(\(value))"
            }
            return value
        }
    }
}
