// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

extension AdvisorSession {
    /// How many statements measure an inverted index at most.
    private static let measuredQueries = 20

    /// Inverted indexes for conditions that make a query read a big table from end to end, with the table and those queries.
    ///
    /// HypoPG cannot simulate them, so what they save is not known before they are built.
    private var inverted: [(definition: IndexDefinition, table: Int, queries: [Int])] {
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
        return order.map { ($0.definition, $0.table, asking[$0.definition] ?? []) }
    }

    /// Builds each inverted index in a transaction that is rolled back, where that is asked for, so that it is weighed like the others.
    mutating func rehearse(
        _ pool: inout CandidatePool,
        _ findings: inout CandidateProbe.Findings,
        _ planner: WhatIfPlanner
    ) async throws {
        guard let limit = self.options.rehearsal else { return }
        let weights = self.weights
        for (definition, table, all) in self.inverted {
            let time = min(limit, self.deadline - ContinuousClock.now)
            guard time > .zero else {
                self.rehearsed[definition] = .some("The time was over.")
                continue
            }
            self.tell("building \(definition.body) on \(definition.table) to weigh it")
            let queries = self.byCost(all).prefix(Self.measuredQueries)
            do {
                let index = try await RehearsedIndex.rehearse(
                    definition,
                    for: queries.map { self.preparation.queries[$0].text },
                    within: time,
                    on: self.advisor.configuration
                )
                guard let number = pool.add(definition, to: table) else { continue }
                pool.setBytes(index.bytes, of: number)
                planner.add([[]])
                planner.add(rehearsed: Dictionary(zip(queries, index.costs)) { first, _ in first }, of: number)
                findings.gains[number] = zip(queries, index.costs).reduce(0) { gain, item in
                    gain + max(0, self.preparation.queries[item.0].cost - item.1) * weights[item.0]
                }
                self.rehearsed[definition] = .some(nil)
            } catch let error as PostgresError {
                self.rehearsed[definition] = .some(Self.words(for: error))
            }
        }
    }

    /// Says of all inverted indexes why none was built.
    mutating func refuseRehearsals(_ reason: String) {
        for (definition, _, _) in self.inverted { self.rehearsed[definition] = .some(reason) }
    }

    /// What the server says where it refuses a build; its own words may quote rows.
    private static func words(for error: PostgresError) -> String {
        ["42501", "42704", "55P03", "57014"].contains(error.sqlState) ? error.serverMessage ?? "\(error)" : "\(error)"
    }

    /// The inverted indexes that nothing has weighed.
    var untested: [IndexAdvice.Recommendation] {
        var taken = self.existing.taken.union(self.advice.recommendations.map(\.name))
        let unweighed = self.inverted.filter { self.rehearsed[$0.definition] != .some(nil) }
        return unweighed.map { definition, position, queries in
            let table = self.preparation.tables.list[position]
            let candidate = CandidatePool.Candidate(
                definition: definition,
                table: position,
                bytes: definition.sizeBytes(on: table),
                queries: queries
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
                isGuessed: true,
                refusal: self.rehearsed[definition] ?? nil,
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
        return self.byCost(candidate.queries.filter { queries[$0].isSelect }).prefix(Self.measuredQueries)
            .map { IndexAdvice.MeasuredStatement(text: queries[$0].text, calls: queries[$0].statement.calls) }
    }

    /// Statements, those first that cost the workload most.
    private func byCost(_ queries: [Int]) -> [Int] {
        let weights = self.weights
        let cost = { (query: Int) in self.preparation.queries[query].cost * weights[query] }
        return queries.sorted { (cost($0), $1) > (cost($1), $0) }
    }
}
