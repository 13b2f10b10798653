// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres
import Synchronization

/// The planner as a source of costs: questions are grouped by their set of indexes and shared among several connections.
final class WhatIfPlanner: CostSource {
    /// Groups that are sent in one go.
    private static let batch = 16

    /// A plan cheaper than this is as good as any: it looks up one row.
    private static let leastCost = 10.0

    private let sessions: [WhatIfSession]
    private let statements: [String]
    /// What each statement costs as things are.
    private let costs: [Double]
    private let definitions: Mutex<[[String]]>
    private let ranges = Mutex<[Int: SummaryRanges]>([:])
    private let rehearsed = Mutex<[Int: [Int: Double]]>([:])

    init(_ sessions: [WhatIfSession], queries: [AdvisedQuery]) {
        self.sessions = sessions
        self.statements = queries.map(\.text)
        self.costs = queries.map(\.cost)
        self.definitions = Mutex([])
    }

    /// Makes more candidates known, each with the statements that simulate it; their numbers follow on.
    func add(_ definitions: [[String]]) { self.definitions.withLock { $0 += definitions } }

    /// Says of candidates, by their numbers, that they are BRINs with ranges shorter than the planner believes.
    func add(ranges: [Int: SummaryRanges]) { self.ranges.withLock { $0.merge(ranges) { _, new in new } } }

    /// Says what statements cost with a candidate that cannot be simulated, both by their numbers.
    func add(rehearsed costs: [Int: Double], of candidate: Int) {
        self.rehearsed.withLock { $0[candidate] = costs }
    }

    func plans(for requests: [CostRequest]) async throws -> [PlannedCost] {
        guard !requests.isEmpty else { return [] }
        let definitions = self.definitions.withLock { $0 }
        let ranges = self.ranges.withLock { $0 }
        let order = Dictionary(grouping: requests.indices) { requests[$0].indexes }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
        let shares = Self.shares(order, among: self.sessions.count)
        let statements = self.statements
        var plans: [PlannedCost?] = Array(repeating: nil, count: requests.count)
        try await withThrowingTaskGroup(of: [(Int, PlannedCost?)].self) { group in
            for (session, share) in zip(self.sessions, shares) where !share.isEmpty {
                group.addTask {
                    var answers: [(Int, PlannedCost?)] = []
                    for start in stride(from: 0, to: share.count, by: Self.batch) {
                        try Task.checkCancellation()
                        let part = share[start..<min(start + Self.batch, share.count)]
                        let groups = part.map { item in
                            WhatIfSession.Group(indexes: item.key, queries: item.value.map { requests[$0].query })
                        }
                        let results = try await session.plans(
                            groups,
                            definitions: definitions,
                            statements: statements,
                            ranges: ranges
                        )
                        for (item, result) in zip(part, results) { answers += Array(zip(item.value, result)) }
                    }
                    return answers
                }
            }
            for try await answers in group {
                for (position, plan) in answers { plans[position] = plan }
            }
        }
        let rehearsed = self.rehearsed.withLock { $0 }
        return zip(requests, plans).map { request, plan in
            let before = self.costs[request.query]
            // what could be planned before and cannot now is no gain
            guard var plan else { return PlannedCost(cost: 1e6 * max(before, 1)) }
            // the planner is free to leave all others out
            for index in request.indexes {
                guard let cost = rehearsed[index]?[request.query], cost < plan.cost else { continue }
                plan = PlannedCost(cost: cost, used: [index])
            }
            // below that it is a matter of few pages in the cache, and no reason for an index
            plan.cost = max(plan.cost, min(before, Self.leastCost))
            return plan
        }
    }

    /// Parts of about the same number of questions, neighbours together, since they have most indexes in common.
    private static func shares(
        _ groups: [(key: [Int], value: [Int])],
        among count: Int
    ) -> [[(key: [Int], value: [Int])]] {
        let total = groups.reduce(0) { $0 + $1.value.count }
        // few questions about one set are shared as well
        if groups.count == 1, total >= 2 * count {
            let size = (total + count - 1) / count
            return stride(from: 0, to: total, by: size).map {
                [(key: groups[0].key, value: Array(groups[0].value[$0..<min($0 + size, total)]))]
            }
        }
        var shares: [[(key: [Int], value: [Int])]] = [[]]
        var filled = 0
        for group in groups {
            if filled >= (total + count - 1) / count, shares.count < count {
                shares.append([])
                filled = 0
            }
            shares[shares.count - 1].append(group)
            filled += group.value.count
        }
        return shares
    }
}
