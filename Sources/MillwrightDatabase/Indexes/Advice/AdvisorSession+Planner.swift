// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

extension AdvisorSession {
    /// The share of the time that finding candidates may take.
    private static let probingShare = 0.25
    /// The share of the time after which no more is done to better what structure alone suggests.
    private static let firstShare = 0.08
    /// With more queries only what structure suggests is tried.
    private static let exhaustiveLimit = 500
    /// What an entry of a btree costs an insert: measured with up to six indexes on a table, about 3 µs each.
    private static let secondsPerEntry = 3e-6

    /// Asks the planner which candidates it would take, and searches among them.
    mutating func searchWithPlanner(_ schema: String) async throws {
        var sessions: [WhatIfSession] = []
        let result: Result<Void, any Error>
        do {
            for _ in 0..<max(1, self.options.connections) {
                sessions.append(try await WhatIfSession.open(self.advisor.configuration, schema: schema))
            }
            try await self.search(with: sessions)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        for session in sessions { await session.close() }
        try result.get()
    }

    /// A first answer among what structure suggests, then a better one among all that is possible.
    private mutating func search(with sessions: [WhatIfSession]) async throws {
        let queries = self.preparation.queries
        let planner = WhatIfPlanner(sessions, queries: queries)
        var pool = CandidatePool(
            tables: self.preparation.tables,
            queries: queries.map(\.uses),
            existing: self.existing.definitions
        )
        var findings = CandidateProbe.Findings()
        let history = SearchHistory(self)
        self.tell("looking for candidates")
        try await self.probe(
            [{ $0.plain }, { $0.covering }],
            isExhaustive: false,
            planner,
            &pool,
            sessions[0],
            &findings
        )
        try await self.merge(&pool, &findings, planner, sessions[0])
        var search = try await self.newSearch(pool, findings, planner, after: nil, isQuick: true, history)
        try await search.fill([1, 0])
        if queries.count <= Self.exhaustiveLimit {
            let end = self.start + self.options.timeout * Self.firstShare
            search = try await self.newSearch(
                pool,
                findings,
                planner,
                after: search,
                isQuick: false,
                history,
                until: end
            )
            try await search.fill([1, 0])
        }
        if ContinuousClock.now < self.probingEnd, queries.count <= Self.exhaustiveLimit {
            let kinds: [Kind] = [{ $0.plain }, { $0.covering }, { $0.partial }, { $0.special }]
            try await self.probe(kinds, isExhaustive: true, planner, &pool, sessions[0], &findings)
        } else {
            try await self.probe(
                [{ $0.partial }, { $0.special }],
                isExhaustive: false,
                planner,
                &pool,
                sessions[0],
                &findings
            )
        }
        try await self.merge(&pool, &findings, planner, sessions[0])
        try await self.rehearse(&pool, &findings, planner)
        search = try await self.newSearch(pool, findings, planner, after: search, isQuick: true, history)
        try await search.fill([1, 0])
        search = try await self.newSearch(pool, findings, planner, after: search, isQuick: false, history)
        try await search.run()
        self.advice.history = history.steps
        self.advice.candidates = search.problem.chosen?.count ?? 0
        self.advice.plansAsked = search.asked + findings.asked
        self.advice.plansRemembered = search.cache.hits
        try await self.describe(&search, pool)
        try await self.addGenericCosts(sessions[0])
    }

    /// Says of the statements that gain what a generic plan makes of the set.
    private mutating func addGenericCosts(_ session: WhatIfSession) async throws {
        // what cannot be simulated is in no generic plan
        let unknown = self.advice.recommendations.filter { $0.hypothetical.isEmpty }.flatMap(\.queries).map(\.name)
        let names = Set(self.advice.recommendations.flatMap(\.queries).map(\.name)).subtracting(unknown)
        let statements = self.preparation.queries.filter { $0.parameters > 0 && names.contains($0.statement.name) }
        let costs = try await session.genericCosts(
            of: statements.map { (text: $0.statement.text, parameters: $0.parameters) },
            with: self.advice.recommendations.flatMap(\.hypothetical)
        )
        let known = Dictionary(zip(statements.map(\.statement.name), costs)) { first, _ in first }
        for index in self.advice.recommendations.indices {
            for query in self.advice.recommendations[index].queries.indices {
                let name = self.advice.recommendations[index].queries[query].name
                let cost = known[name] ?? nil
                self.advice.recommendations[index].queries[query].genericBefore = cost?.before
                self.advice.recommendations[index].queries[query].genericAfter = cost?.after
            }
        }
    }

    private typealias Kind = @Sendable (UseCandidates) -> [IndexDefinition]

    var probingEnd: ContinuousClock.Instant { self.start + self.options.timeout * Self.probingShare }

    private func newSearch(
        _ pool: CandidatePool,
        _ findings: CandidateProbe.Findings,
        _ planner: WhatIfPlanner,
        after earlier: IndexSearch<WhatIfPlanner>?,
        isQuick: Bool,
        _ history: SearchHistory,
        until end: ContinuousClock.Instant? = nil
    ) async throws -> IndexSearch<WhatIfPlanner> {
        var problem = self.problem(pool, chosen: findings.gains.keys.filter { !self.refused.contains($0) }.sorted())
        // for a quick answer what the plans saved is good enough; later each candidate is looked at by itself
        if isQuick { problem.estimates = findings.gains }
        problem.packages = findings.packages.sorted { $0.lexicographicallyPrecedes($1) }
        return try await IndexSearch(problem, costs: planner, after: earlier, until: end ?? self.deadline) {
            history.add($0)
        }
    }

    /// Makes the candidates of some kinds and asks the planner which it would take.
    private mutating func probe(
        _ kinds: [Kind],
        isExhaustive: Bool,
        _ planner: WhatIfPlanner,
        _ pool: inout CandidatePool,
        _ session: WhatIfSession,
        _ findings: inout CandidateProbe.Findings
    ) async throws {
        let queries = self.preparation.queries
        let probe = CandidateProbe(
            costs: planner,
            rounds: isExhaustive ? 3 : 2,
            weights: self.weights,
            before: queries.map(\.cost)
        )
        for kind in kinds {
            let known = pool.list.count
            var numbers: Set<Int> = []
            for use in queries.flatMap(\.uses) {
                let table = self.preparation.tables.list[use.table]
                let maker = UseCandidates(use: use, table: table, isExhaustive: isExhaustive)
                for definition in kind(maker) { pool.add(definition, to: use.table).map { _ = numbers.insert($0) } }
            }
            try await self.introduce(&pool, from: known, planner, session)
            // what fits into no set would only hide what does
            let fitting = numbers.subtracting(self.refused).filter { self.fits(pool.list[$0]) }
            let questions = pool.questions(about: Set(fitting))
            try await probe.ask(questions, until: self.probingEnd, into: &findings)
        }
    }

    /// Whether there is room for a candidate in some set.
    private func fits(_ candidate: CandidatePool.Candidate) -> Bool {
        let room = self.options.replaces ? self.existing.replaceableBytes : 0
        return candidate.bytes <= self.budget.bytes + room
    }

    /// Makes new candidates known to the planner, and finds out which cannot be made.
    private mutating func introduce(
        _ pool: inout CandidatePool,
        from known: Int,
        _ planner: WhatIfPlanner,
        _ session: WhatIfSession
    ) async throws {
        let refused = try await self.check(&pool, from: known, session)
        self.refused.formUnion(refused)
        let tables = self.preparation.tables.list
        planner.add(pool.list[known...].map { $0.definition.hypothetical(on: tables[$0.table]) })
        planner.add(ranges: self.shortRanges(of: pool, from: known))
    }

    private func shortRanges(of pool: CandidatePool, from known: Int) -> [Int: SummaryRanges] {
        var found: [Int: SummaryRanges] = [:]
        for number in known..<pool.list.count {
            guard let pagesPerRange = pool.list[number].definition.pagesPerRange else { continue }
            let table = self.preparation.tables.list[pool.list[number].table]
            found[number] = SummaryRanges(
                pages: table.pages,
                rows: table.rows,
                pagesPerRange: Double(pagesPerRange),
                indexPages: (pool.list[number].bytes / 8192).rounded(.up),
                pageCosts: self.pageCosts
            )
        }
        return found
    }

    /// Merges the candidates of each table that gained most; a merged one may gain what both did.
    private mutating func merge(
        _ pool: inout CandidatePool,
        _ findings: inout CandidateProbe.Findings,
        _ planner: WhatIfPlanner,
        _ session: WhatIfSession
    ) async throws {
        let known = pool.list.count
        for (table, members) in Dictionary(grouping: findings.gains.keys, by: { pool.list[$0].table }) {
            let gains = findings.gains
            let best = members.sorted { (gains[$0] ?? 0, $1) > (gains[$1] ?? 0, $0) }.prefix(16)
            for one in best {
                for other in best {
                    let (left, right) = (pool.list[one].definition, pool.list[other].definition)
                    guard let definition = CandidateMerge.merged(left, right) else { continue }
                    guard let number = pool.add(definition, to: table) else { continue }
                    let gain = (gains[one] ?? 0) + (gains[other] ?? 0)
                    findings.gains[number] = max(findings.gains[number] ?? 0, gain)
                }
            }
        }
        try await self.introduce(&pool, from: known, planner, session)
    }

    /// Asks whether the new candidates can be made at all, and how many rows the partial ones have.
    private mutating func check(
        _ pool: inout CandidatePool,
        from first: Int,
        _ session: WhatIfSession
    ) async throws -> Set<Int> {
        let new = Array(first..<pool.list.count)
        let tables = self.preparation.tables.list
        // what one partition takes, all take
        let definitions = new.map { pool.list[$0].definition.hypothetical(on: tables[pool.list[$0].table])[0] }
        let refused = try await session.refusals(of: definitions)
        let partial = new.filter { pool.list[$0].definition.predicate != nil && refused[$0 - first] == nil }
        let predicates = Array(Set(partial.map { pool.list[$0].definition.condition })).sorted()
        let answers = try await session.query(each: predicates.map { SQL(unsafe: "EXPLAIN SELECT FROM \($0)") })
        var rows: [String: Double] = [:]
        for (predicate, answer) in zip(predicates, answers) {
            guard let line = try? answer.get().first?.get(0, as: String.self) else { continue }
            rows[predicate] = Self.rows(in: line)
        }
        for number in partial {
            let total = max(1, self.preparation.tables.list[pool.list[number].table].rows)
            guard let count = rows[pool.list[number].definition.condition] else { continue }
            pool.setShare(min(1, count / total), of: number)
        }
        try await self.sample(&pool, new.filter { refused[$0 - first] == nil }, session)
        return Set(refused.keys.map { $0 + first })
    }

    /// `Seq Scan on t  (cost=0.00..1.00 rows=42 width=0)` gives 42.
    private static func rows(in line: String) -> Double? {
        line.split(separator: " ").first { $0.hasPrefix("rows=") }.flatMap { Double($0.dropFirst("rows=".count)) }
    }

    func problem(_ pool: CandidatePool, chosen: [Int]) -> SearchProblem {
        var problem = SearchProblem(
            weights: self.weights,
            candidates: zip(pool.list, self.writeCosts(of: pool.list)).map { candidate, writing in
                SearchProblem.Candidate(
                    bytes: candidate.bytes,
                    bytesWritten: writing.bytes,
                    buildSeconds: BuildTime(candidate, on: self.preparation.tables.list[candidate.table]).seconds,
                    // in seconds over the time the workload was counted, where it is weighted by time
                    upkeep: (self.windowSeconds ?? 0) * writing.entries * Self.secondsPerEntry,
                    relations: self.preparation.tables.list[candidate.table].relations,
                    queries: candidate.queries,
                    replaces: self.options.replaces ? self.replaced(by: candidate.definition) : []
                )
            }
        )
        if self.options.replaces { problem.replaceable = self.replaceable }
        problem.chosen = chosen
        problem.budget = self.budget
        // the more statements there are, the less one index can do for all of them
        problem.minimumGain = min(problem.minimumGain, 0.1 / Double(max(1, self.preparation.queries.count)))
        return problem
    }

    /// What each index that exists gives back where it goes.
    private var replaceable: [SearchProblem.Replaceable] {
        let tables = Dictionary(self.preparation.tables.list.map { ([$0.schema, $0.name], $0) }) { first, _ in first }
        return zip(self.existing.definitions, self.existing.bytes).map { definition, bytes in
            guard let table = tables[[definition.schema, definition.table]] else {
                return SearchProblem.Replaceable(bytes: bytes, bytesWritten: 0)
            }
            let entries = table.insertsPerSecond + table.updatesPerSecond * (1 - table.hotShare)
            return SearchProblem.Replaceable(bytes: bytes, bytesWritten: entries * definition.entryBytes(on: table))
        }
    }
}

extension IndexDefinition {
    /// The table with the predicate: what an index that is limited reads.
    fileprivate var condition: String { "\(self.qualifiedTable) WHERE \(self.predicate ?? "true")" }
}
