// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Says what queries cost where some indexes are there that are not.
protocol CostSource: Sendable {
    /// The plans that were asked for, in their order.
    ///
    /// - Throws: what stopped the asking; `CancellationError`.
    func plans(for requests: [CostRequest]) async throws -> [PlannedCost]
}

/// One question: a query with a set of candidates, both by their numbers.
struct CostRequest: Sendable, Hashable {
    var query: Int
    /// In ascending order.
    var indexes: [Int]
}

/// The planner's answer: what the query costs, and which of the candidates its plan uses.
struct PlannedCost: Sendable, Hashable {
    var cost: Double
    /// In ascending order.
    var used: [Int] = []
}
