// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A set of candidates with what the workload costs with it.
struct Choice: Sendable, Hashable {
    /// In ascending order.
    var indexes: [Int] = []
    /// Each query's plan.
    var plans: [PlannedCost]
    /// All queries' weighted costs and the upkeep of the indexes.
    var total: Double
    var bytes = 0.0

    /// The chosen ones that no plan uses.
    var unused: [Int] {
        let used = Set(self.plans.flatMap(\.used))
        return self.indexes.filter { !used.contains($0) }
    }
}

/// What a set of a certain size leaves of the workload's cost: one point of the curve.
struct CurvePoint: Sendable, Hashable {
    var bytes: Double
    var cost: Double
    var indexes: [Int]
}

/// The cheapest sets of every size that the search has seen.
struct CostCurve: Sendable, Hashable {
    /// Ascending by size, descending by cost.
    private(set) var points: [CurvePoint] = []

    mutating func add(_ choice: Choice) {
        let position = self.points.firstIndex { $0.bytes > choice.bytes } ?? self.points.count
        if position > 0, self.points[position - 1].cost <= choice.total { return }
        self.points.insert(CurvePoint(bytes: choice.bytes, cost: choice.total, indexes: choice.indexes), at: position)
        let start = position + 1
        var end = start
        while end < self.points.count, self.points[end].cost >= choice.total { end += 1 }
        self.points.removeSubrange(start..<end)
        if position > 0, self.points[position - 1].bytes == choice.bytes { self.points.remove(at: position - 1) }
    }
}
