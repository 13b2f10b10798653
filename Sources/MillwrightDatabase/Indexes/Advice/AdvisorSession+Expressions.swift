// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// An expression of a table, by its position.
struct SampledExpression: Sendable, Hashable {
    var table: Int
    var text: String
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
        let questions = new.map { ExpressionSample.question($0.text, of: pool.tables.list[$0.table]) }
        for (expression, answer) in zip(new, try await session.query(each: questions)) {
            self.sampled.updateValue(nil, forKey: expression)
            guard case .success(let rows) = answer, let sample = try rows.values(as: ExpressionSample.self).first else {
                continue
            }
            self.sampled[expression] = sample.column(expression.text, among: pool.tables.list[expression.table].rows)
        }
        for (expression, numbers) in holders {
            guard let column = self.sampled[expression] ?? nil else { continue }
            pool.learn(column, of: expression.table, for: numbers)
        }
    }
}
