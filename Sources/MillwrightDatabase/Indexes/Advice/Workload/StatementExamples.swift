// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// What the extension pg_qualstats keeps of statements: of each one execution's text, with its real values.
struct StatementExamples: Sendable, Hashable {
    /// By the query id of pg_stat_statements.
    private(set) var texts: [String: String] = [:]
    /// By the same, the columns that were compared with one and the same value, or list of values, each time.
    private(set) var constants: [String: Set<String>] = [:]

    /// So often a comparison has to have been seen for its value to be taken for a constant.
    private static let constantFrom = 20

    init(_ texts: [String: String] = [:], constants: [String: Set<String>] = [:]) {
        self.texts = texts
        self.constants = constants
    }

    /// Reads those of some statements; none where the extension is not there, not loaded, or not for this role.
    static func read(of ids: [String], on connection: PostgresConnection) async throws -> StatementExamples {
        let schemas = try await connection.query(
            """
            /* millwright:index-advisor */
            SELECT n.nspname::text
            FROM pg_catalog.pg_extension AS e
            JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
            WHERE e.extname = 'pg_qualstats' AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
            ORDER BY n.nspname
            """,
            as: String.self
        )
        guard let schema = schemas.first else { return StatementExamples() }
        do {
            let rows = try await connection.query(
                """
                /* millwright:index-advisor */
                SELECT e.queryid::text, e.query
                FROM \(identifier: schema).pg_qualstats_example_queries() AS e
                WHERE e.queryid::text = ANY (\(ids)::text[]) AND e.query IS NOT NULL
                ORDER BY e.queryid
                """,
                as: (String, String).self
            )
            let texts = Dictionary(rows) { first, _ in first }
            return StatementExamples(texts, constants: try await Self.constants(of: ids, schema, on: connection))
        } catch let error as PostgresError where error.code == .queryFailed {
            return StatementExamples()
        }
    }

    private static func constants(
        of ids: [String],
        _ schema: String,
        on connection: PostgresConnection
    ) async throws -> [String: Set<String>] {
        do {
            // values that are no constants are empty there, and long ones are cut off
            let rows = try await connection.query(
                """
                /* millwright:index-advisor */
                SELECT q.queryid::text, a.attname::text
                FROM \(identifier: schema).pg_qualstats() AS q
                JOIN pg_catalog.pg_attribute AS a ON a.attrelid = q.lrelid AND a.attnum = q.lattnum
                WHERE q.queryid::text = ANY (\(ids)::text[])
                  AND q.dbid = (SELECT d.oid FROM pg_catalog.pg_database AS d
                                WHERE d.datname = pg_catalog.current_database())
                GROUP BY q.queryid, a.attname
                HAVING pg_catalog.count(DISTINCT q.constvalue) = 1
                   AND pg_catalog.bool_and(coalesce(q.constvalue, '') <> '' AND pg_catalog.octet_length(q.constvalue::text) < 70)
                   AND pg_catalog.sum(q.occurences) >= \(Self.constantFrom)
                ORDER BY q.queryid, a.attname
                """,
                as: (String, String).self
            )
            return Dictionary(grouping: rows, by: \.0).mapValues { Set($0.map(\.1)) }
        } catch let error as PostgresError where error.code == .queryFailed {
            return [:]
        }
    }

    /// The values of a statement's placeholders, as SQL literals; none where the example is cut off or another statement.
    func values(of statement: Statement) -> [Int: String] {
        guard let example = self.texts[statement.id], let tree = QueryParser.tree(of: statement.text),
            !tree.placeholders.isEmpty, let other = QueryParser.tree(of: example)
        else { return [:] }
        var pair = StatementPair(example: SQLText(source: Array(example.utf8)))
        return pair.align(tree, other) ? pair.values : [:]
    }
}

/// The trees of a statement and of its example, walked together.
private struct StatementPair {
    let example: SQLText
    var values: [Int: String] = [:]

    /// Whether they are of one statement, of which the example has values in place of placeholders.
    mutating func align(_ node: ParseNode, _ other: ParseNode) -> Bool {
        if let placeholder = node["ParamRef"] {
            guard let number = placeholder["number"]?.number.map({ Int($0) }) else { return false }
            guard other["A_Const"] != nil else { return other["ParamRef"] != nil }
            // in parentheses a minus sign cannot become an operator
            self.values[number] = self.example.text(of: other).map { $0.hasPrefix("-") ? "(\($0))" : $0 }
            return true
        }
        switch (node, other) {
        case (.object(let one), .object(let two)):
            let keys = Self.keys(of: one)
            guard keys == Self.keys(of: two) else { return false }
            for key in keys {
                guard let left = one[key], let right = two[key], self.align(left, right) else { return false }
            }
            return true
        case (.array(let one), .array(let two)):
            guard one.count == two.count else { return false }
            for (left, right) in zip(one, two) where !self.align(left, right) { return false }
            return true
        default: return node == other
        }
    }

    /// Without where things stand, which the values shift.
    private static func keys(of members: [String: ParseNode]) -> Set<String> {
        Set(members.keys).subtracting(["location", "stmt_location", "stmt_len"])
    }
}
