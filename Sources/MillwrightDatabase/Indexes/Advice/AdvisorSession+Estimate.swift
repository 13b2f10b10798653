// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension AdvisorSession {
    /// Searches with costs of our own, among the candidates that structure suggests.
    mutating func searchWithEstimate() async throws {
        self.advice.judge = .estimate
        if self.options.rehearsal != nil {
            self.refuseRehearsals("HypoPG is not there, with which the others are weighed.")
        }
        let queries = self.preparation.queries
        var pool = CandidatePool(
            tables: self.preparation.tables,
            queries: queries.map(\.uses),
            existing: self.existing.definitions
        )
        for advised in queries {
            for use in advised.uses {
                let table = self.preparation.tables.list[use.table]
                let maker = UseCandidates(use: use, table: table, isExhaustive: false)
                // without the planner only btrees of plain columns are sure to be what they seem
                let definitions = (maker.plain + maker.covering).filter { $0.keys.allSatisfy { $0.column != nil } }
                for definition in definitions { _ = pool.add(definition, to: use.table) }
            }
        }
        let numbers = Array(pool.list.indices)
        self.advice.candidates = numbers.count
        let costs = EstimatedCosts(queries: queries, tables: self.preparation.tables.list, candidates: pool.list)
        let problem = self.problem(pool, chosen: numbers)
        var search = try await IndexSearch(problem, costs: costs, until: self.deadline)
        try await search.run()
        try await self.describe(&search, pool)
    }
}
