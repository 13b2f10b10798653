// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Synchronization

@testable import MillwrightDatabase

/// Costs by a script: each query has plans, of which the cheapest one whose indexes are all there is taken.
final class ScriptedCosts: CostSource {
    struct Plan: Sendable {
        var needs: [Int]
        var cost: Double
    }

    let queries: [[Plan]]
    private let count = Mutex(0)

    init(_ queries: [[Plan]]) { self.queries = queries }

    /// How many plans were asked for.
    var asked: Int { self.count.withLock { $0 } }

    func plans(for requests: [CostRequest]) async throws -> [PlannedCost] {
        self.count.withLock { $0 += requests.count }
        return requests.map { self.plan($0.query, $0.indexes) }
    }

    func plan(_ query: Int, _ indexes: [Int]) -> PlannedCost {
        let possible = self.queries[query].filter { $0.needs.isSortedSubset(of: indexes) }
        let best = possible.min { ($0.cost, $0.needs.count) < ($1.cost, $1.needs.count) }
        return PlannedCost(cost: best?.cost ?? .infinity, used: best?.needs ?? [])
    }

    func total(_ indexes: [Int]) -> Double { self.queries.indices.reduce(0) { $0 + self.plan($1, indexes).cost } }

    /// The candidates with their sizes, each able to change the queries that have a plan with it.
    func problem(bytes: [Double], budget: SearchProblem.Budget) -> SearchProblem {
        var problem = SearchProblem(
            weights: self.queries.map { _ in 1 },
            candidates: bytes.indices.map { index in
                SearchProblem.Candidate(
                    bytes: bytes[index],
                    queries: self.queries.indices.filter { query in
                        self.queries[query].contains { $0.needs.contains(index) }
                    }
                )
            }
        )
        problem.budget = budget
        return problem
    }

    /// A workload made up by a seed: queries with a few plans each, of one or two indexes.
    static func random(_ seed: UInt64, queries: Int, candidates: Int) -> ScriptedCosts {
        var random = SearchRandom(seed: seed)
        return ScriptedCosts(
            (0..<queries).map { _ in
                let base = Double.random(in: 50...200, using: &random)
                return [Plan(needs: [], cost: base)]
                    + (0..<5).map { _ in
                        let needs = Set(
                            (0..<Int.random(in: 1...2, using: &random)).map { _ in
                                Int.random(in: 0..<candidates, using: &random)
                            }
                        )
                        return Plan(needs: needs.sorted(), cost: base * Double.random(in: 0.05...0.95, using: &random))
                    }
            }
        )
    }
}
