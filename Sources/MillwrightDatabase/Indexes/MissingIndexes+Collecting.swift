// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

extension MissingIndexes {
    func collect(from inspection: Inspection) async throws -> Observation {
        let catalog = try await inspection.catalog()
        var observation = Observation(catalog: catalog)
        let big = catalog.tables.values.filter { $0.kind != "p" && $0.likelyRows >= Double(self.minimumRows) }
        guard !big.isEmpty else { return observation }
        let statistics = try await inspection.statements()
        let costly = statistics.judged.filter {
            $0.calls >= self.minimumCalls && $0.meanSeconds >= self.minimumMean.seconds
        }
        if let obstacle = statistics.obstacle ?? (costly.isEmpty ? statistics.blindness : nil) {
            observation.obstacle = obstacle
            return observation
        }
        let tables = try await self.tables(big.map(\.oid), in: inspection)
        observation.costly = costly.count
        observation.passedOver = max(0, costly.count - self.maximumStatements)
        let questions = costly.prefix(self.maximumStatements).compactMap { statement -> Question? in
            guard let all = IndexCandidate.all(for: statement.text, on: tables) else {
                observation.passedOver += 1
                return nil
            }
            let candidates = all.filter { !catalog.serves($0, columns: tables) }
            return candidates.isEmpty ? nil : Question(statement: statement, candidates: candidates)
        }
        guard !questions.isEmpty else { return observation }
        if let planner = try await WhatIf(in: inspection) {
            try await self.ask(planner, questions, about: tables, into: &observation)
        } else {
            self.guess(questions, about: tables, into: &observation)
        }
        return observation
    }

    /// A statement with the indexes that might help it.
    struct Question {
        var statement: Statement
        var candidates: [IndexCandidate]
    }

    /// Lets the planner judge, statement by statement, until time is over.
    private func ask(
        _ planner: WhatIf,
        _ questions: [Question],
        about tables: [IndexableTable],
        into observation: inout Observation
    ) async throws {
        // Statements name their tables as the application's search path finds them.
        try await planner.inspection.run(
            script: "SET LOCAL search_path TO DEFAULT; SET LOCAL plan_cache_mode = force_generic_plan"
        )
        let end = ContinuousClock.now + self.planningTime
        let byOID = Dictionary(tables.map { ($0.oid, $0) }) { first, _ in first }
        for question in questions {
            guard ContinuousClock.now < end else {
                if observation.unjudged.isEmpty {
                    observation.cure = "Set `checks.\(Self.name).planningTime` to more than \(self.planningTime)."
                }
                observation.unjudged.formUnion(question.candidates.compactMap { byOID[$0.table]?.name })
                continue
            }
            switch try await planner.ask(question.statement.text) {
            case .plan(let now):
                let best = try await self.best(of: question, now: now, planner, byOID)
                best.map { observation.benefits.append($0) }
            case .denied:
                observation.cure = "GRANT pg_read_all_data TO \(quoted(planner.inspection.server.user));"
                observation.unjudged.formUnion(question.candidates.compactMap { byOID[$0.table]?.name })
            case .unplannable: observation.passedOver += 1
            }
        }
        try await planner.inspection.run(script: "SET LOCAL search_path = pg_catalog")
    }

    /// The candidate that saves most, if it saves enough and ends the scan of its table.
    private func best(
        of question: Question,
        now: WhatIf.Plan,
        _ planner: WhatIf,
        _ tables: [Int: IndexableTable]
    ) async throws -> Benefit? {
        guard now.cost >= self.minimumCost else { return nil }
        var best: Benefit?
        for candidate in question.candidates {
            guard let table = tables[candidate.table], now.scanned.contains(table.name) else { continue }
            let definition = "CREATE INDEX ON \(quoted(table.schema)).\(quoted(table.name)) (\(candidate.columns))"
            guard let then = try await planner.ask(question.statement.text, with: definition).plan,
                then.cost <= (1 - self.minimumSaving) * now.cost, !then.scanned.contains(table.name)
            else { continue }
            // A wider index has to be clearly better than a narrower one.
            if let known = best?.costs, then.cost > 0.9 * known.after { continue }
            let costs = Benefit.Costs(before: now.cost, after: then.cost)
            best = Benefit(candidate: candidate, statement: question.statement, costs: costs)
        }
        return best
    }

    /// Without a planner to ask: an equality on a column where one value is a small part of the table.
    private func guess(_ questions: [Question], about tables: [IndexableTable], into observation: inout Observation) {
        let byOID = Dictionary(tables.map { ($0.oid, $0) }) { first, _ in first }
        for question in questions {
            for candidate in question.candidates where candidate.keys.count == 1 {
                guard let table = byOID[candidate.table], let use = observation.catalog.tables[table.oid],
                    use.sequentialScans >= self.minimumCalls
                else { continue }
                guard let share = table.share(of: candidate.keys[0].name) else {
                    observation.unjudged.insert(table.name)
                    continue
                }
                guard share <= 0.01 else { continue }
                observation.benefits.append(Benefit(candidate: candidate, statement: question.statement))
            }
        }
    }

    // Types without an order cannot be keys of a btree.
    private func tables(_ oids: [Int], in inspection: Inspection) async throws -> [IndexableTable] {
        let rows = try await inspection.query(
            """
            /* millwright:missing-indexes */
            SELECT c.oid, n.nspname, c.relname, c.reltuples, a.attnum, a.attname, s.n_distinct
            FROM pg_catalog.pg_class AS c
            JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
            LEFT JOIN pg_catalog.pg_stats AS s
              ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname AND NOT s.inherited
            WHERE c.oid = ANY (\(oids)::bigint[]::oid[])
              AND t.typcategory <> 'G' AND t.typname NOT IN ('json', 'xml')
            ORDER BY c.oid, a.attnum
            """
        )
        var tables: [Int: IndexableTable] = [:]
        for row in rows {
            var cursor = RowCursor(row)
            let oid = try cursor.next(Int.self)
            let head = IndexableTable(
                oid: oid,
                schema: try cursor.next(),
                name: try cursor.next(),
                rows: try cursor.next(),
                columns: []
            )
            let column = IndexableTable.Column(
                number: try cursor.next(),
                name: try cursor.next(),
                distinct: try cursor.next()
            )
            tables[oid, default: head].columns.append(column)
        }
        return tables.values.sorted { $0.oid < $1.oid }
    }
}

extension Catalog {
    /// Whether an index that is there makes a candidate needless, or its need doubtful.
    ///
    /// A generic plan cannot use a partial index on a parameter though a custom plan can, so a partial index on the leading
    /// column is reason enough to say nothing.
    func serves(_ candidate: IndexCandidate, columns tables: [IndexableTable]) -> Bool {
        guard let table = tables.first(where: { $0.oid == candidate.table }) else { return true }
        let numbers = candidate.keys.compactMap { table.column($0.name)?.number }
        return self.indexes(of: candidate.table).contains { index in
            guard index.isUsable else { return false }
            if index.predicate != nil { return index.keys.first == numbers.first }
            return index.method == "btree" && index.keys.starts(with: numbers)
                || index.method == "hash" && index.keys == numbers
        }
    }
}
