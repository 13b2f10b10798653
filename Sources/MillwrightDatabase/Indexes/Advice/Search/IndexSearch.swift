// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Looks for the set of candidates that makes a workload cheapest within a budget.
///
/// First greedy passes, by benefit and by benefit per byte, which look again only at what is at the top of their list; then a
/// local search that takes some indexes out and fills up anew until time is over, keeping the best. It can be stopped at any
/// moment and has its best so far.
struct IndexSearch<Costs: CostSource>: Sendable {
    let problem: SearchProblem
    let costs: Costs
    var cache: CostCache
    var random: SearchRandom
    private(set) var best: Choice
    private(set) var curve = CostCurve()
    /// What is proved of the best, where there are few enough candidates.
    var certificate: SearchCertificate?
    /// Plans that the source was asked for.
    private(set) var asked = 0
    /// The workload without any candidate.
    let empty: Choice
    /// What a move gains alone, or is thought to.
    var gainsAlone: [Double]
    /// Single candidates, then packages.
    let moves: [[Int]]
    let deadline: ContinuousClock.Instant
    private let progress: @Sendable (Choice) -> Void

    /// Costs the workload as it is, and goes on from an earlier search with fewer candidates where there was one.
    init(
        _ problem: SearchProblem,
        costs: Costs,
        after earlier: IndexSearch? = nil,
        until deadline: ContinuousClock.Instant,
        seed: UInt64 = 1,
        progress: @escaping @Sendable (Choice) -> Void = { _ in }
    ) async throws {
        self.problem = problem
        self.costs = costs
        self.cache = earlier?.cache ?? CostCache(queries: problem.weights.count)
        self.random = SearchRandom(seed: seed)
        self.deadline = deadline
        self.progress = progress
        self.moves = (problem.chosen ?? Array(problem.candidates.indices)).map { [$0] } + problem.packages
        self.gainsAlone = self.moves.map { move in
            move.reduce(0) { $0 + (problem.estimates[$1] ?? .infinity) }
        }
        var plans: [PlannedCost] = []
        var missing: [CostRequest] = []
        for query in problem.weights.indices {
            let request = CostRequest(query: query, indexes: [])
            if self.cache.plan(for: request) == nil { missing.append(request) }
        }
        for (request, plan) in zip(missing, try await costs.plans(for: missing)) {
            self.cache.remember(plan, for: request)
        }
        for query in problem.weights.indices {
            plans.append(self.cache.plan(for: CostRequest(query: query, indexes: [])) ?? PlannedCost(cost: 0))
        }
        let total = zip(plans, problem.weights).reduce(0) { $0 + $1.0.cost * $1.1 }
        self.empty = Choice(plans: plans, total: total)
        self.best = earlier?.best ?? self.empty
        self.asked = missing.count + (earlier?.asked ?? 0)
        self.curve = earlier?.curve ?? CostCurve()
        self.curve.add(self.empty)
    }

    var isOver: Bool { ContinuousClock.now >= self.deadline || Task.isCancelled }

    /// Searches until time is over, the best is proved, or nothing better has been found for `patience` rounds.
    mutating func run(patience: Int = 60) async throws {
        try await self.fill([1, 0, 0.5])
        let now = ContinuousClock.now
        try await self.prove(until: now + (self.deadline - now) / 2)
        if self.certificate?.isComplete != true { try await self.improve(patience: patience) }
        try await self.slim()
    }

    /// Makes sets from nothing, by benefit per byte to each of these powers.
    mutating func fill(_ exponents: [Double]) async throws {
        for exponent in exponents where !self.isOver {
            self.consider(try await self.filled(self.empty, exponent: exponent))
        }
    }

    /// Keeps a choice where it is the best so far.
    mutating func consider(_ choice: Choice) {
        guard self.problem.fits(choice.indexes) else { return }
        self.curve.add(choice)
        guard choice.total < self.best.total - 1e-9 * self.empty.total else { return }
        self.best = choice
        self.progress(choice)
    }

    /// Takes a choice that is smaller than the best so far and costs next to nothing more.
    mutating func settle(for choice: Choice) {
        self.curve.add(choice)
        self.best = choice
        self.progress(choice)
    }

    /// What the workload costs with other sets; only queries that the difference can touch are asked anew.
    mutating func choices(_ sets: [[Int]], from choice: Choice) async throws -> [Choice] {
        var missing: [CostRequest] = []
        var seen: Set<CostRequest> = []
        let changes = sets.map { set in self.touched(by: set, from: choice).map { self.request($0, set) } }
        for request in changes.joined() where self.cache.plan(for: request) == nil && seen.insert(request).inserted {
            missing.append(request)
        }
        self.asked += missing.count
        for (request, plan) in zip(missing, try await self.costs.plans(for: missing)) {
            self.cache.remember(plan, for: request)
        }
        var results: [Choice] = []
        for (set, requests) in zip(sets, changes) {
            var plans = choice.plans
            var total = choice.total - self.problem.upkeep(choice.indexes) + self.problem.upkeep(set)
            for request in requests {
                guard let plan = self.cache.plan(for: request) else { continue }
                total += (plan.cost - plans[request.query].cost) * self.problem.weights[request.query]
                plans[request.query] = plan
            }
            results.append(Choice(indexes: set, plans: plans, total: total, bytes: self.problem.bytes(set)))
        }
        return results
    }

    private func request(_ query: Int, _ set: [Int]) -> CostRequest {
        CostRequest(query: query, indexes: self.problem.relevant(set, to: query))
    }

    private func touched(by set: [Int], from choice: Choice) -> [Int] {
        let old = Set(choice.indexes)
        var queries: Set<Int> = []
        for index in old.symmetricDifference(set) {
            // an index that goes changes only the plans that use it
            let isGone = old.contains(index)
            for query in self.problem.candidates[index].queries
            where !isGone || choice.plans[query].used.containsSorted(index) { queries.insert(query) }
        }
        return queries.sorted()
    }

    /// The choice without what no plan uses, or what does not earn its upkeep.
    mutating func trimmed(_ choice: Choice) async throws -> Choice {
        let unused = choice.unused
        let rest = choice.indexes.subtracting(unused)
        // what makes room for others by what it replaces stays
        guard !unused.isEmpty, self.problem.fits(rest) else { return choice }
        return try await self.choices([rest], from: choice)[0]
    }

    /// What the workload costs with every candidate there: no set of them can leave less, whatever it takes.
    ///
    /// Nothing where there are too many to be shown at once.
    mutating func bound() async throws -> Double? {
        let all = self.problem.chosen ?? Array(self.problem.candidates.indices)
        guard !all.isEmpty, self.problem.relations(all) <= 800 else { return nil }
        let requests = self.problem.weights.indices.map { CostRequest(query: $0, indexes: all) }
        self.asked += requests.count
        let plans = try await self.costs.plans(for: requests)
        return zip(plans, self.problem.weights).reduce(0) { $0 + $1.0.cost * $1.1 }
    }
}
