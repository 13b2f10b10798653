// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What a search chooses from: queries with their weights, and candidates with what each takes.
struct SearchProblem: Sendable {
    /// One candidate, by its position.
    struct Candidate: Sendable {
        var bytes: Double
        /// Bytes written because of it each second.
        var bytesWritten = 0.0
        /// How long it takes to be built.
        var buildSeconds = 0.0
        /// What keeping it up costs, in the unit of the weighted costs.
        var upkeep = 0.0
        /// How many indexes it is for the planner: one for each partition.
        var relations = 1
        /// The queries whose plan it can change, in ascending order.
        var queries: [Int]
        /// Indexes that exist and go where it comes, by their positions among the replaceable ones.
        var replaces: [Int] = []
    }

    /// What an index that exists takes, and gives back where it goes.
    struct Replaceable: Sendable, Hashable {
        var bytes: Double
        /// Bytes written because of it each second.
        var bytesWritten: Double
    }

    /// What all chosen ones together may take.
    struct Budget: Sendable, Hashable {
        var bytes = Double.infinity
        var indexes = Int.max
        var bytesWritten = Double.infinity
        var buildSeconds = Double.infinity
    }

    /// By what each query's cost is multiplied.
    var weights: [Double]
    var candidates: [Candidate]
    /// Indexes that exist and may go where a candidate serves as well.
    var replaceable: [Replaceable] = []
    /// The candidates that are tried; all where `nil`.
    var chosen: [Int]?
    /// What candidates are thought to save, so that the promising ones are looked at first.
    var estimates: [Int: Double] = [:]
    /// Candidates that are worth trying together, because a plan that uses one needs the others.
    var packages: [[Int]] = []
    var budget = Budget()
    /// The share of the workload's cost that an index has to save to be worth its keep.
    var minimumGain = 0.0005

    func relations(_ indexes: [Int]) -> Int { indexes.reduce(0) { $0 + self.candidates[$1].relations } }

    /// What a set takes more than what goes for it.
    func bytes(_ indexes: [Int]) -> Double {
        indexes.reduce(0) { $0 + self.candidates[$1].bytes } - self.replaced(by: indexes).reduce(0) { $0 + $1.bytes }
    }

    private func bytesWritten(_ indexes: [Int]) -> Double {
        indexes.reduce(0) { $0 + self.candidates[$1].bytesWritten }
            - self.replaced(by: indexes).reduce(0) { $0 + $1.bytesWritten }
    }

    /// What goes where a set comes, each once.
    private func replaced(by indexes: [Int]) -> [Replaceable] {
        guard !self.replaceable.isEmpty else { return [] }
        return Set(indexes.flatMap { self.candidates[$0].replaces }).sorted().map { self.replaceable[$0] }
    }

    func upkeep(_ indexes: [Int]) -> Double { indexes.reduce(0) { $0 + self.candidates[$1].upkeep } }

    func fits(_ indexes: [Int]) -> Bool {
        indexes.count <= self.budget.indexes && self.bytes(indexes) <= self.budget.bytes
            && self.bytesWritten(indexes) <= self.budget.bytesWritten
            && indexes.reduce(0, { $0 + self.candidates[$1].buildSeconds }) <= self.budget.buildSeconds
    }

    /// The candidates of a set that can change a query's plan.
    func relevant(_ indexes: [Int], to query: Int) -> [Int] {
        indexes.filter { self.candidates[$0].queries.containsSorted(query) }
    }
}

extension Array where Element == Int {
    /// Whether a number is among these, which are in ascending order.
    func containsSorted(_ element: Int) -> Bool {
        var low = 0
        var high = self.count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < element { low = middle + 1 } else { high = middle }
        }
        return low < self.count && self[low] == element
    }
}
