// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Remembers what was asked, so that each question about a query and the candidates that matter to it is asked once.
///
/// A plan is the cheapest one. If it uses only U of the candidates S it was made with, it stays the cheapest with any set
/// between U and S, so one answer stands for all of those sets.
struct CostCache: Sendable {
    /// How many answers a query's search for a set in between goes back through.
    private static let lookBack = 300

    private struct Known: Sendable {
        var indexes: [Int]
        var plan: PlannedCost
    }

    private var exact: [[[Int]: PlannedCost]]
    private var known: [[Known]]
    /// Requests that were answered from memory.
    private(set) var hits = 0

    init(queries: Int) {
        self.exact = Array(repeating: [:], count: queries)
        self.known = Array(repeating: [], count: queries)
    }

    /// The answer, where it is known or follows from one that is.
    mutating func plan(for request: CostRequest) -> PlannedCost? {
        if let plan = self.exact[request.query][request.indexes] {
            self.hits += 1
            return plan
        }
        for earlier in self.known[request.query].suffix(Self.lookBack).reversed()
        where earlier.plan.used.isSortedSubset(of: request.indexes)
            && request.indexes.isSortedSubset(of: earlier.indexes)
        {
            self.exact[request.query][request.indexes] = earlier.plan
            self.hits += 1
            return earlier.plan
        }
        return nil
    }

    mutating func remember(_ plan: PlannedCost, for request: CostRequest) {
        self.exact[request.query][request.indexes] = plan
        self.known[request.query].append(Known(indexes: request.indexes, plan: plan))
    }
}

extension Array where Element == Int {
    /// Whether all of these, in ascending order, are among the other's, in ascending order.
    func isSortedSubset(of other: [Int]) -> Bool {
        guard self.count <= other.count else { return false }
        var position = 0
        for element in self {
            while position < other.count, other[position] < element { position += 1 }
            guard position < other.count, other[position] == element else { return false }
            position += 1
        }
        return true
    }

    /// These without those of the other.
    func subtracting(_ other: [Int]) -> [Int] { self.filter { !other.contains($0) } }

    /// Both together, in ascending order, each once.
    func sortedUnion(_ other: [Int]) -> [Int] { Set(self).union(other).sorted() }
}
