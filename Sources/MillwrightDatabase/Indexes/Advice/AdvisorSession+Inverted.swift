// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension AdvisorSession {
    /// How many statements measure an inverted index at most.
    private static let measuredQueries = 20

    /// Inverted indexes for conditions that make a query read a big table from end to end.
    ///
    /// HypoPG cannot simulate them, so what they save is not known before they are built.
    var untested: [IndexAdvice.Recommendation] {
        var asking: [IndexDefinition: [Int]] = [:]
        var order: [(definition: IndexDefinition, table: Int)] = []
        for (number, query) in self.preparation.queries.enumerated() {
            for use in query.uses {
                for definition in self.inverted(for: use, of: query) where asking[definition]?.last != number {
                    if asking[definition] == nil { order.append((definition, use.table)) }
                    asking[definition, default: []].append(number)
                }
            }
        }
        var taken = self.existing.taken.union(self.advice.recommendations.map(\.name))
        return order.map { definition, position in
            let table = self.preparation.tables.list[position]
            let candidate = CandidatePool.Candidate(
                definition: definition,
                table: position,
                bytes: definition.sizeBytes(on: table),
                queries: asking[definition] ?? []
            )
            let name = definition.name(avoiding: taken)
            taken.insert(name)
            return IndexAdvice.Recommendation(
                definition: definition,
                name: name,
                sizeBytes: candidate.bytes,
                savedShare: 0,
                bytesWrittenPerSecond: self.writeCosts(of: [candidate])[0].bytes,
                tableRows: table.rows,
                queries: [],
                replaces: [],
                buildSeconds: BuildTime(candidate, on: table).seconds,
                measured: self.measured(candidate),
                partitions: table.partitions
            )
        }
    }

    private func inverted(for use: TableUse, of query: AdvisedQuery) -> [IndexDefinition] {
        let table = self.preparation.tables.list[use.table]
        guard table.isRead(among: query.scanned), table.rows >= 1000 else { return [] }
        return UseCandidates(use: use, table: table).inverted.filter {
            self.hasTrigrams || $0.keys[0].operatorClass != "gin_trgm_ops"
        }
    }

    /// The SELECTs that ask for it, by weight.
    private func measured(_ candidate: CandidatePool.Candidate) -> [IndexAdvice.MeasuredStatement] {
        let queries = self.preparation.queries
        let weights = self.weights
        return candidate.queries.filter { queries[$0].isSelect }
            .sorted { (queries[$0].cost * weights[$0], $1) > (queries[$1].cost * weights[$1], $0) }
            .prefix(Self.measuredQueries)
            .map { IndexAdvice.MeasuredStatement(text: queries[$0].text, calls: queries[$0].statement.calls) }
    }
}
