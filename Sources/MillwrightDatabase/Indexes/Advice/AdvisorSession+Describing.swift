// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension AdvisorSession {
    /// How many gaining statements are told for each index.
    private static let toldQueries = 5
    /// How many statements that use an index measure it at most.
    private static let measuredUsers = 20
    /// How many others that it might change do as well.
    private static let measuredOthers = 5

    /// Writes the best set that was found into the advice.
    mutating func describe<Costs: CostSource>(
        _ search: inout IndexSearch<Costs>,
        _ pool: CandidatePool
    ) async throws {
        let best = search.best
        let before = max(search.empty.total, .leastNormalMagnitude)
        self.advice.costLeft = best.total / before
        self.advice.leastCostLeft = try await search.bound().map { min($0, best.total) / before }
        self.advice.provedCostLeft = search.certificate.map { min($0.leastTotal, best.total) / before }
        self.advice.isProvedBest = search.certificate?.isComplete ?? false
        self.advice.curve = search.curve.points.map {
            .init(sizeBytes: $0.bytes, costLeft: $0.cost / before, indexes: $0.indexes.count)
        }
        var taken = self.existing.taken
        let without = try await search.choices(best.indexes.map { best.indexes.subtracting([$0]) }, from: best)
        for (index, less) in zip(best.indexes, without) {
            let candidate = pool.list[index]
            let name = candidate.definition.name(avoiding: taken)
            taken.insert(name)
            self.advice.recommendations.append(
                IndexAdvice.Recommendation(
                    definition: candidate.definition,
                    name: name,
                    sizeBytes: candidate.bytes,
                    savedShare: max(0, less.total - best.total) / before,
                    bytesWrittenPerSecond: self.writeCosts(of: [candidate])[0].bytes,
                    tableRows: self.preparation.tables.list[candidate.table].rows,
                    queries: self.gains(of: index, best, search.empty),
                    replaces: self.replaced(by: candidate.definition).map { self.existing.names[$0] },
                    buildSeconds: BuildTime(candidate, on: self.preparation.tables.list[candidate.table]).seconds,
                    measured: self.measured(candidate, index, best),
                    partitions: self.preparation.tables.list[candidate.table].partitions
                )
            )
        }
        self.advice.replaceableBytes = Dictionary(zip(self.existing.names, self.existing.bytes)) { first, _ in first }
        self.advice.recommendations.sort { ($0.savedShare, $1.name) > ($1.savedShare, $0.name) }
    }

    /// The statements whose plan uses an index, those that gain most first.
    private func gains(of index: Int, _ best: Choice, _ empty: Choice) -> [IndexAdvice.QueryGain] {
        let weights = self.weights
        let users = best.plans.indices.filter { best.plans[$0].used.contains(index) }
        let saved = { (query: Int) in (empty.plans[query].cost - best.plans[query].cost) * weights[query] }
        return users.sorted { (saved($0), $1) > (saved($1), $0) }.prefix(Self.toldQueries).map { query in
            let statement = self.preparation.queries[query].statement
            return IndexAdvice.QueryGain(
                name: statement.name,
                text: Statement(id: "", text: statement.text, calls: 0, totalSeconds: 0).oneLine(200),
                before: empty.plans[query].cost,
                after: best.plans[query].cost,
                share: empty.plans[query].cost * weights[query] / max(empty.total, .leastNormalMagnitude)
            )
        }
    }

    /// The SELECTs that an index may change, those that use it first, then by weight.
    private func measured(
        _ candidate: CandidatePool.Candidate,
        _ index: Int,
        _ best: Choice
    ) -> [IndexAdvice.MeasuredStatement] {
        let weights = self.weights
        let cost = { (query: Int) in self.preparation.queries[query].cost * weights[query] }
        let isUser = { (query: Int) in best.plans[query].used.contains(index) }
        let selects = candidate.queries.filter { self.preparation.queries[$0].isSelect }
        let users = selects.filter(isUser).sorted { (cost($0), $1) > (cost($1), $0) }
        let others = selects.filter { !isUser($0) }.sorted { (cost($0), $1) > (cost($1), $0) }
        return (users.prefix(Self.measuredUsers) + others.prefix(Self.measuredOthers)).map {
            let query = self.preparation.queries[$0]
            return IndexAdvice.MeasuredStatement(text: query.text, calls: query.statement.calls)
        }
    }

    /// Existing indexes, by position, that a new one serves as well.
    func replaced(by definition: IndexDefinition) -> [Int] {
        self.existing.definitions.indices.filter {
            self.existing.isDroppable[$0] && self.existing.definitions[$0].isPrefix(of: definition)
        }
    }
}
