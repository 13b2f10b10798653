// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

extension IndexSearch {
    /// How many moves are looked at in one go, so that several connections have work.
    private static var width: Int { 8 }

    /// Adds the best move that fits, again and again, until none gains enough.
    ///
    /// What a move gains alone says where in the list it begins; it is looked at again only when it comes to the top.
    ///
    /// - Parameters:
    ///   - exponent: gains are divided by size to this power: 0 is by benefit, 1 by benefit per byte.
    ///   - banned: moves that are not made.
    mutating func filled(_ start: Choice, exponent: Double, banned: Set<Int> = []) async throws -> Choice {
        var choice = start
        var list = MoveList(
            self.moves.indices.filter { !banned.contains($0) && self.gainsAlone[$0] > 0 }
                .map { MoveList.Entry(move: $0, score: self.score($0, self.gainsAlone[$0], choice, exponent)) }
        )
        // When a query's plan last changed, and when a move was last looked at, in accepted moves.
        var changed = Array(repeating: 0, count: self.problem.weights.count)
        var looked = Array(repeating: -1, count: self.moves.count)
        var accepted = 0
        while !self.isOver, let top = list.first, top.score > 0 {
            if looked[top.move] >= self.lastChange(top.move, changed) {
                list.removeFirst()
                let set = choice.indexes.sortedUnion(self.moves[top.move])
                guard set != choice.indexes, self.problem.fits(set) else { continue }
                let next = try await self.trimmed(try await self.choices([set], from: choice)[0])
                guard next.total < choice.total else { continue }
                accepted += 1
                for query in changed.indices where next.plans[query] != choice.plans[query] {
                    changed[query] = accepted
                }
                choice = next
                self.consider(choice)
                continue
            }
            var stale: [Int] = []
            while stale.count < Self.width, let entry = list.first, entry.score > 0,
                looked[entry.move] < self.lastChange(entry.move, changed)
            {
                list.removeFirst()
                stale.append(entry.move)
            }
            stale = stale.filter { self.problem.fits(choice.indexes.sortedUnion(self.moves[$0])) }
            let sets = stale.map { choice.indexes.sortedUnion(self.moves[$0]) }
            for (move, next) in zip(stale, try await self.choices(sets, from: choice)) {
                looked[move] = accepted
                let gain = choice.total - next.total
                if choice.indexes.isEmpty { self.gainsAlone[move] = max(gain, 0) }
                guard gain > self.problem.minimumGain * self.empty.total else { continue }
                list.insert(MoveList.Entry(move: move, score: self.score(move, gain, choice, exponent)))
            }
        }
        return choice
    }

    private func lastChange(_ move: Int, _ changed: [Int]) -> Int {
        self.moves[move].reduce(0) { latest, index in
            self.problem.candidates[index].queries.reduce(latest) { max($0, changed[$1]) }
        }
    }

    private func score(_ move: Int, _ gain: Double, _ choice: Choice, _ exponent: Double) -> Double {
        guard gain.isFinite else { return .infinity }
        let bytes = self.problem.bytes(choice.indexes.sortedUnion(self.moves[move])) - choice.bytes
        return gain / pow(max(bytes, 8192), exponent)
    }
}

/// Moves with the highest score first.
struct MoveList: Sendable {
    struct Entry: Sendable, Hashable {
        var move: Int
        var score: Double
    }

    // a binary heap
    private var heap: [Entry] = []

    init(_ entries: [Entry]) {
        self.heap = entries.sorted(by: Self.precedes)
    }

    var first: Entry? { self.heap.first }

    private static func precedes(_ one: Entry, _ other: Entry) -> Bool {
        one.score != other.score ? one.score > other.score : one.move < other.move
    }

    mutating func insert(_ entry: Entry) {
        self.heap.append(entry)
        var child = self.heap.count - 1
        while child > 0, Self.precedes(self.heap[child], self.heap[(child - 1) / 2]) {
            self.heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeFirst() {
        self.heap.swapAt(0, self.heap.count - 1)
        self.heap.removeLast()
        var parent = 0
        while true {
            let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < self.heap.count }
            guard let child = children.min(by: { Self.precedes(self.heap[$0], self.heap[$1]) }),
                Self.precedes(self.heap[child], self.heap[parent])
            else { return }
            self.heap.swapAt(child, parent)
            parent = child
        }
    }
}
