// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightDatabase

@Suite("Search for a set of indexes")
struct IndexSearchTests {
    private func search(
        _ costs: ScriptedCosts,
        _ problem: SearchProblem,
        time: Duration = .seconds(20)
    ) async throws -> IndexSearch<ScriptedCosts> {
        var search = try await IndexSearch(problem, costs: costs, until: .now + time)
        try await search.run()
        return search
    }

    @Test("The best set of a small workload is found", arguments: 1...8)
    func optimum(seed: Int) async throws {
        let costs = ScriptedCosts.random(UInt64(seed), queries: 8, candidates: 10)
        var random = SearchRandom(seed: UInt64(seed))
        let bytes = (0..<10).map { _ in Double.random(in: 1e6...9e6, using: &random) }
        var problem = costs.problem(bytes: bytes, budget: .init(bytes: 20e6))
        problem.packages = costs.queries.flatMap { $0.map(\.needs) }.filter { $0.count > 1 }

        let search = try await self.search(costs, problem)

        let subsets = (0..<(1 << 10)).map { mask in (0..<10).filter { mask >> $0 & 1 == 1 } }
        let least = subsets.filter(problem.fits).map(costs.total).min() ?? 0
        #expect(search.best.total < least + 0.02 * search.empty.total)
        #expect(abs(search.best.total - costs.total(search.best.indexes)) < 1e-6)
        #expect(problem.fits(search.best.indexes))
    }

    @Test(
        "The best set of few candidates is proved: nothing within the budget leaves less than the certificate says",
        arguments: 1...12
    )
    func certificate(seed: Int) async throws {
        let costs = ScriptedCosts.random(UInt64(seed), queries: 9, candidates: 11)
        var random = SearchRandom(seed: UInt64(seed))
        let bytes = (0..<11).map { _ in Double.random(in: 1e6...9e6, using: &random) }
        var problem = costs.problem(bytes: bytes, budget: .init(bytes: 18e6, indexes: 5))
        for index in 0..<11 where index % 3 == 0 { problem.candidates[index].upkeep = 4 }
        let total = { (set: [Int]) in costs.total(set) + problem.upkeep(set) }

        let search = try await self.search(costs, problem)

        let subsets = (0..<(1 << 11)).map { mask in (0..<11).filter { mask >> $0 & 1 == 1 } }
        let least = subsets.filter(problem.fits).map(total).min() ?? 0
        let certificate = try #require(search.certificate)
        let worth = problem.minimumGain * search.empty.total
        #expect(certificate.isComplete)
        #expect(certificate.leastTotal <= least + 1e-6)
        #expect(search.best.total <= least + 7 * worth)
        #expect(problem.fits(search.best.indexes))
        #expect(abs(search.best.total - total(search.best.indexes)) < 1e-6)
    }

    @Test("With its time over a proof says less, and nothing wrong; with many candidates there is none")
    func unproved() async throws {
        let costs = ScriptedCosts.random(2, queries: 8, candidates: 10)
        let problem = costs.problem(bytes: Array(repeating: 1e6, count: 10), budget: .init(bytes: 3e6))
        var search = try await IndexSearch(problem, costs: costs, until: .now + .seconds(20))
        try await search.prove(until: .now)
        let many = ScriptedCosts.random(2, queries: 8, candidates: 70)

        let certificate = try #require(search.certificate)
        #expect(!certificate.isComplete)
        #expect(certificate.leastTotal <= costs.total(Array(0..<10)))
        let other = try await self.search(many, many.problem(bytes: Array(repeating: 1e6, count: 70), budget: .init()))
        #expect(other.certificate == nil)
    }

    @Test("Two indexes of which neither helps alone are found together")
    func package() async throws {
        let costs = ScriptedCosts([[.init(needs: [], cost: 100), .init(needs: [0, 1], cost: 10)]])
        var problem = costs.problem(bytes: [1e6, 1e6], budget: .init())
        problem.packages = [[0, 1]]

        #expect(try await self.search(costs, problem).best.indexes == [0, 1])
    }

    @Test("What saves next to nothing is not advised, and a gain below its upkeep neither")
    func useless() async throws {
        let costs = ScriptedCosts([
            [.init(needs: [], cost: 100_000), .init(needs: [0], cost: 99_999.9)],
            [.init(needs: [], cost: 1000), .init(needs: [1], cost: 500)],
        ])
        var problem = costs.problem(bytes: [1e6, 1e6], budget: .init())
        problem.candidates[1].upkeep = 600

        #expect(try await self.search(costs, problem).best.indexes == [])
    }

    @Test("Of two indexes that serve alike the smaller one is advised, and not one that serves worse")
    func slim() async throws {
        let costs = ScriptedCosts([
            [
                .init(needs: [], cost: 100_000), .init(needs: [0], cost: 10), .init(needs: [1], cost: 10.5),
                .init(needs: [2], cost: 500),
            ]
        ])
        let problem = costs.problem(bytes: [9e6, 2e6, 1e6], budget: .init())

        #expect(try await self.search(costs, problem).best.indexes == [1])
    }

    @Test("Budgets of number, of writes and of building time hold as that of storage does")
    func budgets() async throws {
        let costs = ScriptedCosts(
            (0..<4).map { [.init(needs: [], cost: 100), .init(needs: [$0], cost: 50 - 10 * Double($0))] }
        )
        var problem = costs.problem(bytes: [1e6, 1e6, 1e6, 1e6], budget: .init(indexes: 2))
        #expect(try await self.search(costs, problem).best.indexes == [2, 3])

        problem.budget = .init(bytesWritten: 100)
        for index in 0..<4 { problem.candidates[index].bytesWritten = index == 3 ? 101 : 60 }
        #expect(try await self.search(costs, problem).best.indexes == [2])

        problem.budget = .init(buildSeconds: 90)
        for index in 0..<4 { problem.candidates[index].buildSeconds = index == 2 ? 91 : 45 }
        #expect(try await self.search(costs, problem).best.indexes == [1, 3])
    }

    @Test("With its time over before it began it has the workload as it is")
    func deadline() async throws {
        let costs = ScriptedCosts.random(1, queries: 5, candidates: 6)
        let problem = costs.problem(bytes: Array(repeating: 1e6, count: 6), budget: .init())

        let search = try await self.search(costs, problem, time: .zero)

        #expect(search.best == search.empty)
        #expect(costs.asked == 5)
    }

    @Test("No set leaves less than all candidates together")
    func bound() async throws {
        let costs = ScriptedCosts.random(5, queries: 6, candidates: 6)
        let problem = costs.problem(bytes: Array(repeating: 1e6, count: 6), budget: .init(bytes: 3e6))

        var search = try await self.search(costs, problem)

        let bound = try #require(try await search.bound())
        #expect(abs(bound - costs.total(Array(0..<6))) < 1e-6)
        #expect(search.best.total >= bound - 1e-6)
    }

    @Test("The curve falls with size, and holds the best set")
    func curve() async throws {
        let costs = ScriptedCosts.random(3, queries: 12, candidates: 12)
        let problem = costs.problem(bytes: (1...12).map { Double($0) * 1e6 }, budget: .init(bytes: 40e6))

        let search = try await self.search(costs, problem)

        let points = search.curve.points
        #expect(points.first?.indexes == [])
        #expect(zip(points, points.dropFirst()).allSatisfy { $0.bytes < $1.bytes && $0.cost > $1.cost })
        #expect(abs((points.last?.cost ?? 0) - search.best.total) < 1e-6)
        for point in points { #expect(abs(costs.total(point.indexes) - point.cost) < 1e-6) }
    }
}

@Suite("Memory of costs")
struct CostCacheTests {
    @Test("A plan stands for every set between what it uses and what it was made with")
    func between() {
        var cache = CostCache(queries: 1)
        let plan = PlannedCost(cost: 5, used: [2])
        cache.remember(plan, for: CostRequest(query: 0, indexes: [1, 2, 3]))

        #expect(cache.plan(for: CostRequest(query: 0, indexes: [2])) == plan)
        #expect(cache.plan(for: CostRequest(query: 0, indexes: [2, 3])) == plan)
        #expect(cache.plan(for: CostRequest(query: 0, indexes: [1, 3])) == nil)
        #expect(cache.plan(for: CostRequest(query: 0, indexes: [2, 4])) == nil)
    }
}
