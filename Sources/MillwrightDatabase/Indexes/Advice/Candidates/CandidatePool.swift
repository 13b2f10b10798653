// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Every candidate of a workload, numbered, with the queries whose plan it can change.
struct CandidatePool: Sendable {
    /// One candidate.
    struct Candidate: Sendable {
        var definition: IndexDefinition
        /// Its table, by position.
        var table: Int
        /// The share of the table's rows that its predicate lets in.
        var share = 1.0
        var bytes: Double
        var queries: [Int]
    }

    private(set) var tables: TableNames
    let queries: [[TableUse]]
    /// What exists, which no candidate repeats.
    let existing: [IndexDefinition]
    private(set) var list: [Candidate] = []
    private var numbers: [IndexDefinition: Int?] = [:]
    private let readers: [[Int]]
    private let groups: [Int]

    init(tables: TableNames, queries: [[TableUse]], existing: [IndexDefinition]) {
        self.tables = tables
        self.queries = queries
        self.existing = existing
        var readers: [[Int]] = Array(repeating: [], count: tables.list.count)
        for (query, uses) in queries.enumerated() {
            for table in Set(uses.map(\.table)) { readers[table].append(query) }
        }
        self.readers = readers
        self.groups = Self.groups(of: queries, tables: tables.list.count)
    }

    /// The number of a candidate, new or known; nothing where an index that exists serves as well, or the table is small.
    mutating func add(_ definition: IndexDefinition, to table: Int) -> Int? {
        if let known = self.numbers[definition] { return known }
        let number = self.isWorthwhile(definition, table) ? self.list.count : nil
        self.numbers[definition] = .some(number)
        guard number != nil else { return nil }
        self.list.append(
            Candidate(
                definition: definition,
                table: table,
                bytes: definition.sizeBytes(on: self.tables.list[table]),
                queries: self.readers[table].filter { self.canServe(definition, self.queries[$0], table) }
            )
        )
        return number
    }

    /// The most candidates that several queries are shown together; each one costs the planner time in every query.
    private static let shown = 400

    /// The questions by which the planner chooses among some candidates: one for all queries that have to do with each other.
    func questions(about numbers: Set<Int>) -> [CandidateProbe.Question] {
        let byGroup = Dictionary(grouping: numbers.sorted()) { self.groups[self.list[$0].table] }
        let queries = Dictionary(grouping: self.queries.indices.filter { !self.queries[$0].isEmpty }) {
            self.groups[self.queries[$0][0].table]
        }
        return byGroup.sorted { $0.key < $1.key }.flatMap { group, candidates -> [CandidateProbe.Question] in
            let members = queries[group] ?? []
            guard self.relations(of: candidates) > Self.shown else {
                return [.init(queries: members, candidates: candidates)]
            }
            return self.questions(
                of: members.sorted { self.queries[$0][0].table < self.queries[$1][0].table },
                candidates
            )
        }
    }

    /// Questions for queries that have too many candidates together, with as many neighbours in each as can be shown.
    private func questions(of members: [Int], _ candidates: [Int]) -> [CandidateProbe.Question] {
        var own: [Int: [Int]] = [:]
        for number in candidates {
            for query in self.list[number].queries { own[query, default: []].append(number) }
        }
        var questions: [CandidateProbe.Question] = []
        var queries: [Int] = []
        var shown: Set<Int> = []
        for query in members {
            guard let mine = own[query].map(self.showable) else { continue }
            if !queries.isEmpty, self.relations(of: Array(shown.union(mine))) > Self.shown {
                questions.append(.init(queries: queries, candidates: shown.sorted()))
                queries = []
                shown = []
            }
            queries.append(query)
            shown.formUnion(mine)
        }
        if !queries.isEmpty { questions.append(.init(queries: queries, candidates: shown.sorted())) }
        return questions
    }

    /// How many hypothetical indexes some candidates are.
    private func relations(of candidates: [Int]) -> Int {
        candidates.reduce(0) { $0 + self.tables.list[self.list[$1].table].relations }
    }

    /// As many of some candidates as can be shown.
    private func showable(_ candidates: [Int]) -> ArraySlice<Int> {
        var count = 0
        return candidates.prefix { number in
            count += self.tables.list[self.list[number].table].relations
            return count <= Self.shown
        }
    }

    /// Tables that some query reads together have the same number.
    private static func groups(of queries: [[TableUse]], tables: Int) -> [Int] {
        var group = Array(0..<tables)
        func root(_ table: Int) -> Int {
            var table = table
            while group[table] != table { table = group[table] }
            return table
        }
        for uses in queries {
            guard let first = uses.first?.table else { continue }
            for use in uses.dropFirst() {
                let (one, other) = (root(first), root(use.table))
                group[max(one, other)] = min(one, other)
            }
        }
        return group.indices.map(root)
    }

    /// Says what share of the rows a partial index holds.
    mutating func setShare(_ share: Double, of number: Int) {
        let candidate = self.list[number]
        self.list[number].share = share
        self.list[number].bytes = candidate.definition.sizeBytes(on: self.tables.list[candidate.table], share: share)
    }

    /// Takes in what is known of an expression of a table, and works the sizes out anew of some candidates.
    mutating func learn(_ column: AdvisedTable.Column, of table: Int, for numbers: [Int]) {
        self.tables.learn(column, of: table)
        for number in numbers { self.setShare(self.list[number].share, of: number) }
    }

    /// Says how big a candidate is that was built.
    mutating func setBytes(_ bytes: Double, of number: Int) { self.list[number].bytes = bytes }

    // Below this the planner reads the table as quickly, and its costs are noise.
    private func isWorthwhile(_ definition: IndexDefinition, _ table: Int) -> Bool {
        let facts = self.tables.list[table]
        guard facts.rows >= 1000 || facts.pages >= 100 else { return false }
        return !self.existing.contains { definition.isPrefix(of: $0) }
    }

    private func canServe(_ definition: IndexDefinition, _ uses: [TableUse], _ table: Int) -> Bool {
        uses.contains { use in
            guard use.table == table else { return false }
            if let predicate = definition.predicate {
                let maker = UseCandidates(use: use, table: self.tables.list[table])
                guard maker.predicates.contains(predicate) else { return false }
            }
            let lead = definition.keys[0].part
            return use.parts.contains(lead)
                || definition.included.count + definition.keys.count > 1
                    && !use.columns.isEmpty && use.columns.isSubset(of: definition.columns)
        }
    }
}

extension TableUse {
    /// Everything that a leading key can be good for.
    fileprivate var parts: [Part] {
        self.equal + self.joined + self.ranges + self.patterns + self.groups + self.order.map(\.part)
            + self.inverted.map(\.part)
    }
}
