// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

extension IndexTrial {
    /// The trial with what it must not run: a read-only transaction keeps a function from changing a table, but not from taking
    /// a lock of the session, ending another session or asking another server.
    ///
    /// The server says which functions are VOLATILE. The text names what a plan does not show (`LIMIT f()`), and the plan what
    /// the text does not: the functions of views and policies.
    func refusing(_ statements: [String], on connection: PostgresConnection) async throws -> IndexTrial {
        var trial = self
        var calls: [String: Set<CalledFunction>] = [:]
        for statement in statements where trial.refused[statement] == nil {
            guard let tree = QueryParser.tree(of: statement) else {
                trial.refused[statement] =
                    "it is not in the grammar of PostgreSQL 15, so that its functions are not known"
                continue
            }
            switch try await self.explain("(VERBOSE, FORMAT JSON)", statement, on: connection) {
            case .success(let json):
                calls[statement] = tree.calledFunctions.union(ParseNode(json: json)?.plannedFunctions ?? [])
            case .failure(let error):
                trial.refused[statement] = "the server does not plan it (SQLSTATE \(error.sqlState ?? "none"))"
            }
        }
        let all = calls.values.reduce(into: Set<CalledFunction>()) { $0.formUnion($1) }
        let volatile = try await CalledFunction.volatile(among: all, on: connection)
        for (statement, functions) in calls {
            let names = functions.intersection(volatile).map(\.name).sorted()
            guard !names.isEmpty else { continue }
            trial.refused[statement] =
                "it calls what may do more than read: \(names.joined(separator: ", ")) (VOLATILE)"
        }
        return trial
    }
}

/// A function as a statement or a plan names it.
struct CalledFunction: Sendable, Hashable {
    /// Its schema, where that is named.
    var schema: String?
    var name: String

    /// VOLATILE since they answer something else each time, and nothing more.
    private static let harmless = [
        "clock_timestamp", "gen_random_uuid", "pg_indexes_size", "pg_relation_size", "pg_table_size",
        "pg_total_relation_size", "random", "timeofday",
    ]

    /// Those that the server calls VOLATILE.
    static func volatile(among functions: Set<Self>, on connection: PostgresConnection) async throws -> Set<Self> {
        guard !functions.isEmpty else { return [] }
        let list = Array(functions)
        let numbers = try await connection.query(
            """
            /* millwright:index-trial */
            SELECT DISTINCT c.number
            FROM ROWS FROM (pg_catalog.unnest(\(list.map { $0.schema ?? "" })::text[]),
                            pg_catalog.unnest(\(list.map(\.name))::text[])) WITH ORDINALITY AS c (schema, name, number)
            JOIN pg_catalog.pg_proc AS p ON p.proname = c.name
            JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
            WHERE p.provolatile = 'v'
              AND CASE WHEN c.schema = '' THEN pg_catalog.pg_function_is_visible(p.oid) ELSE n.nspname = c.schema END
              AND NOT (n.nspname = 'pg_catalog' AND p.proname = ANY (\(Self.harmless)::text[]))
            ORDER BY c.number
            """,
            as: Int.self
        )
        return Set(numbers.map { list[$0 - 1] })
    }

    /// Those that an expression of a plan calls, as the server writes it: a name, and a parenthesis right behind it.
    static func names(in expression: String) -> Set<Self> {
        var found: Set<Self> = []
        var parts: [String] = []
        var isQualified = false
        var rest = Substring(expression)
        while let character = rest.first {
            if character == "\"" || character == "_" || character.isLetter {
                let part = Self.takeName(&rest)
                parts = isQualified ? parts + [part] : [part]
                isQualified = false
                continue
            }
            if character == "'" {
                _ = Self.takeQuoted("'", &rest)
                parts = []
                continue
            }
            if character == "(", let name = parts.last {
                found.insert(Self(schema: parts.dropLast().last, name: name))
            }
            isQualified = character == "." && !parts.isEmpty
            if !isQualified { parts = [] }
            rest.removeFirst()
        }
        return found
    }

    private static func takeName(_ rest: inout Substring) -> String {
        if rest.first == "\"" { return Self.takeQuoted("\"", &rest) }
        let name = rest.prefix { $0 == "_" || $0 == "$" || $0.isLetter || $0.isNumber }
        rest.removeFirst(name.count)
        return String(name)
    }

    /// What stands between two quotes, doubled ones for one.
    private static func takeQuoted(_ quote: Character, _ rest: inout Substring) -> String {
        var text = ""
        rest.removeFirst()
        while let character = rest.popFirst() {
            if character == quote {
                guard rest.first == quote else { break }
                rest.removeFirst()
            }
            text.append(character)
        }
        return text
    }
}

extension ParseNode {
    /// The functions that the tree of a statement calls by name.
    var calledFunctions: Set<CalledFunction> {
        var found = self.children.reduce(into: Set<CalledFunction>()) { $0.formUnion($1.calledFunctions) }
        let names = self["FuncCall"]?["funcname"]?.elements.compactMap { $0["String"]?["sval"]?.text } ?? []
        if let name = names.last { found.insert(CalledFunction(schema: names.dropLast().last, name: name)) }
        return found
    }

    /// The functions that the expressions of a plan call, from EXPLAIN (VERBOSE, FORMAT JSON).
    fileprivate var plannedFunctions: Set<CalledFunction> {
        if let text { return CalledFunction.names(in: text) }
        return self.children.reduce(into: []) { $0.formUnion($1.plannedFunctions) }
    }
}
