// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// An expression of a table, by its position.
struct SampledExpression: Sendable, Hashable {
    var table: Int
    var text: String

    /// Those that call what no superuser owns: a sample would run it with the rights of this role.
    static func distrusted(
        among expressions: [SampledExpression],
        _ session: WhatIfSession
    ) async throws -> Set<SampledExpression> {
        guard !expressions.isEmpty else { return [] }
        let names = expressions.map { expression in
            QueryParser.tree(of: "SELECT (\(expression.text))").map(\.calledNames)
        }
        let all = names.compactMap { $0 }.reduce(into: Set<String>()) { $0.formUnion($1) }
        let rows = try await session.query(
            """
            /* millwright:index-advisor */
            SELECT f.name::text
            FROM (SELECT p.proname AS name, p.proowner AS owner FROM pg_catalog.pg_proc AS p
                  UNION ALL
                  SELECT o.oprname, p.proowner FROM pg_catalog.pg_operator AS o
                  JOIN pg_catalog.pg_proc AS p ON p.oid = o.oprcode
                  UNION ALL
                  SELECT t.typname, t.typowner FROM pg_catalog.pg_type AS t) AS f
            JOIN pg_catalog.pg_roles AS r ON r.oid = f.owner
            WHERE f.name = ANY (\(all.sorted())::text[]) AND NOT r.rolsuper
            """
        )
        let foreign = Set(try rows.map { try $0.get(0, as: String.self) })
        return Set(zip(expressions, names).filter { $0.1?.isDisjoint(with: foreign) != true }.map(\.0))
    }
}

extension ParseNode {
    /// The names of the functions, operators and types below.
    fileprivate var calledNames: Set<String> {
        let lists = [self["FuncCall"]?["funcname"], self["A_Expr"]?["name"], self["TypeCast"]?["typeName"]?["names"]]
        let own = lists.compactMap { $0?.elements.last?["String"]?["sval"]?.text }
        return self.children.reduce(into: Set(own)) { $0.formUnion($1.calledNames) }
    }
}

extension AdvisorSession {
    /// The most expressions of which a sample is read.
    private static let sampledExpressions = 50

    /// Reads samples of the expressions of some candidates, which the server takes for an index: so they are IMMUTABLE.
    mutating func sample(
        _ pool: inout CandidatePool,
        _ numbers: [Int],
        _ session: WhatIfSession
    ) async throws {
        var holders: [SampledExpression: [Int]] = [:]
        for number in numbers {
            for case .expression(let text) in pool.list[number].definition.keys.map(\.part) {
                holders[SampledExpression(table: pool.list[number].table, text: text), default: []].append(number)
            }
        }
        let known = self.sampled
        let new = holders.keys.filter { !known.keys.contains($0) }.sorted { ($0.table, $0.text) < ($1.table, $1.text) }
            .prefix(max(0, Self.sampledExpressions - known.count))
        let foreign = try await SampledExpression.distrusted(among: Array(new), session)
        for expression in new {
            self.sampled.updateValue(nil, forKey: expression)
            guard !foreign.contains(expression), ContinuousClock.now < self.probingEnd else { continue }
            let table = pool.tables.list[expression.table]
            let sample = try await session.sample(ExpressionSample.question(expression.text, of: table))
            self.sampled[expression] = sample?.column(expression.text, among: table.rows)
        }
        for (expression, numbers) in holders {
            guard let column = self.sampled[expression] ?? nil else { continue }
            pool.learn(column, of: expression.table, for: numbers)
        }
    }
}
