// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension IndexSearch {
    /// Takes some indexes out of the best choice and fills up anew, in many ways, as long as time lasts and it still helps.
    mutating func improve(patience: Int) async throws {
        var current = self.best
        var failures = 0
        while !self.isOver, failures < patience {
            let (start, banned) =
                Int.random(in: 0..<3, using: &self.random) == 0
                ? (try await self.forced(current), []) : try await self.loosened(current)
            let exponent = Double.random(in: 0...1.2, using: &self.random)
            var next = try await self.filled(start, exponent: exponent, banned: banned)
            next = try await self.withoutBurdens(next)
            let before = self.best.total
            self.consider(next)
            if next.total <= current.total, self.problem.fits(next.indexes) { current = next }
            failures = self.best.total < before ? 0 : failures + 1
            // from time to time from the best again
            if failures % 15 == 14 { current = self.best }
        }
    }

    /// Puts smaller indexes in the place of larger ones where they serve as well: the workload may lose by each a tenth of what an
    /// index has to save.
    mutating func slim() async throws {
        let loss = self.problem.minimumGain * self.empty.total / 10
        for index in self.best.indexes where !self.isOver {
            let best = self.best
            let rest = best.indexes.subtracting([index])
            let smaller = self.moves.filter { move in
                move.count == 1 && !best.indexes.containsSorted(move[0])
                    && self.problem.candidates[move[0]].bytes < self.problem.candidates[index].bytes
                    && self.problem.candidates[move[0]].queries.contains { best.plans[$0].used.containsSorted(index) }
            }
            let sets = smaller.map { rest.sortedUnion($0) }.filter { self.problem.fits($0) }
            let choices = try await self.choices(sets, from: best).filter { $0.total <= best.total + loss }
            if let smallest = choices.min(by: { $0.bytes < $1.bytes }) { self.settle(for: smallest) }
        }
    }

    /// The choice without some of its indexes: a few of them, or all that one query uses; and what may not come back at once.
    private mutating func loosened(_ choice: Choice) async throws -> (Choice, Set<Int>) {
        guard !choice.indexes.isEmpty else { return (choice, []) }
        var removed: Set<Int> = []
        if Bool.random(using: &self.random) {
            let count = Int.random(in: 1...max(1, min(4, choice.indexes.count / 2)), using: &self.random)
            for _ in 0..<count { removed.insert(choice.indexes.randomElement(using: &self.random) ?? 0) }
        } else {
            removed.formUnion(choice.plans.filter { !$0.used.isEmpty }.randomElement(using: &self.random)?.used ?? [])
        }
        let rest = choice.indexes.filter { !removed.contains($0) }
        let start = try await self.choices([rest], from: choice)[0]
        let banned = self.moves.indices.filter { move in
            self.moves[move].contains { removed.contains($0) }
        }
        return (
            start,
            Bool.random(using: &self.random)
                ? Set(banned) : Set(banned.filter { _ in Bool.random(using: &self.random) })
        )
    }

    /// The choice with a move that it has not made, and without others until that one fits.
    private mutating func forced(_ choice: Choice) async throws -> Choice {
        let open = self.moves.indices.filter { move in
            self.gainsAlone[move] > 0 && !self.moves[move].isSortedSubset(of: choice.indexes)
        }
        guard let move = open.randomElement(using: &self.random) else { return choice }
        // of three the one that gains most alone
        let others = (0..<2).compactMap { _ in open.randomElement(using: &self.random) }
        let best = others.reduce(move) { self.gainsAlone[$1] > self.gainsAlone[$0] ? $1 : $0 }
        var set = choice.indexes.sortedUnion(self.moves[best])
        while !self.problem.fits(set),
            let gone = set.filter({ !self.moves[best].contains($0) }).randomElement(using: &self.random)
        { set = set.subtracting([gone]) }
        return self.problem.fits(set) ? try await self.choices([set], from: choice)[0] : choice
    }

    /// The choice without what gains less than it takes up: dropping it makes room for something better.
    mutating func withoutBurdens(_ choice: Choice) async throws -> Choice {
        var choice = try await self.trimmed(choice)
        for index in choice.indexes where !self.isOver {
            let rest = choice.indexes.subtracting([index])
            guard self.problem.fits(rest) else { continue }
            let less = try await self.choices([rest], from: choice)[0]
            if less.total - choice.total < self.problem.minimumGain * self.empty.total { choice = less }
        }
        return choice
    }
}
