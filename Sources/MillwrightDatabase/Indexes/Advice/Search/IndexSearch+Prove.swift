// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension IndexSearch {
    /// With more candidates a proof would take too long, and each plan, too.
    static var provableCandidates: Int { 60 }

    /// Branch and bound: looks through all sets of a few candidates, and leaves out those that cannot be better.
    ///
    /// With some candidates taken and others still open no set can cost less than all of them together do, whatever their size: an
    /// index more never makes the planner's cheapest plan dearer. Where what that plan uses fits the budget, nothing in this
    /// branch is better; otherwise one of the indexes it uses is taken in one branch and left out in the other.
    ///
    /// - Parameter end: when to stop at the latest.
    mutating func prove(until end: ContinuousClock.Instant) async throws {
        let all = self.problem.chosen ?? Array(self.problem.candidates.indices)
        guard !all.isEmpty, all.count <= Self.provableCandidates, self.problem.relations(all) <= 800,
            // what one makes room for another may need: then a branch cannot be left out because it does not fit
            self.problem.replaceable.isEmpty
        else { return }
        let worth = self.problem.minimumGain * self.empty.total
        var nodes = [SearchNode(taken: [], open: all.sorted(), bound: 0)]
        var least = Double.infinity
        var isComplete = true
        while let node = nodes.popLast() {
            if node.bound >= self.best.total - worth {
                least = min(least, node.bound)
                continue
            }
            guard !self.isOver, ContinuousClock.now < end else {
                isComplete = false
                least = min(least, node.bound)
                continue
            }
            let open = node.open.filter { self.problem.fits(node.taken.sortedUnion([$0])) }
            let whole = try await self.choices([node.taken.sortedUnion(open)], from: self.empty)[0]
            let bound = whole.total - self.problem.upkeep(whole.indexes) + self.problem.upkeep(node.taken)
            let used = whole.plans.reduce(into: Set<Int>()) { $0.formUnion($1.used) }
            let needed = node.taken.sortedUnion(Array(used))
            if self.problem.fits(needed) {
                let choice = try await self.choices([needed], from: whole)[0]
                let kept = try await self.withoutBurdens(choice)
                if kept.total < self.best.total - worth { self.consider(kept) }
                if choice.total - bound <= worth {
                    least = min(least, bound)
                    continue
                }
            }
            guard bound < self.best.total - worth, let branch = self.branch(among: open.filter(used.contains)) else {
                least = min(least, bound)
                continue
            }
            let rest = open.filter { $0 != branch }
            nodes.append(SearchNode(taken: node.taken, open: rest, bound: bound))
            nodes.append(SearchNode(taken: node.taken.sortedUnion([branch]), open: rest, bound: bound))
        }
        self.certificate = SearchCertificate(leastTotal: min(least, self.best.total), isComplete: isComplete)
    }

    /// The index whose absence is thought to cost most.
    private func branch(among open: [Int]) -> Int? {
        let gains = Dictionary(zip(self.moves, self.gainsAlone).filter { $0.0.count == 1 }.map { ($0.0[0], $0.1) }) {
            first,
            _ in first
        }
        return open.max { (gains[$0] ?? 0, $1) < (gains[$1] ?? 0, $0) }
    }
}

/// Sets that have some candidates and may have others.
private struct SearchNode: Sendable {
    var taken: [Int]
    var open: [Int]
    /// What the sets of the node above leave at least.
    var bound: Double
}

/// What is proved of a search's best set.
struct SearchCertificate: Sendable, Hashable {
    /// No set of the candidates within the budget leaves less of the workload's cost.
    var leastTotal: Double
    /// Whether the whole tree was looked through; otherwise time was over, and the bound is weaker.
    var isComplete: Bool
}
