// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

extension IndexBuilder {
    /// Says what would be done to drop some indexes; nothing is changed.
    ///
    /// - Parameter names: quoted and qualified, as findings name them.
    /// - Throws: ``ToolError`` where one of them must stay; `PostgresError`.
    public func planDrops(of names: [String]) async throws -> [Preview] {
        try await self.looking { connection in
            try await IndexPlan.drops(of: names, from: connection).map { Preview(plan: $0, inTheWay: []) }
        }
    }

    /// Drops indexes one after the other; their definitions are kept in the journal, and in `millwright.samples` what statements on
    /// their tables cost before, where that can be read.
    ///
    /// - Parameters:
    ///   - names: quoted and qualified, as findings name them.
    ///   - progress: is told how far it is.
    /// - Throws: ``ToolError`` where nothing could be begun; `PostgresError`.
    public func drop(
        _ names: [String],
        progress: @escaping @Sendable (IndexProgress) -> Void = { _ in }
    ) async throws -> [IndexOutcome] {
        try await IndexSession.with(self.configuration, limits: self.limits, progress: progress) { session in
            let plans = try await IndexPlan.drops(of: names, from: session.worker)
            var reader = DropReader(plans)
            var number = 1
            let before = try await session.baseline(&reader)
            return try await session.drop(plans, note: before.note, numbered: &number)
        }
    }

    /// Drops the indexes that those of an advised set serve as well that were built and stay.
    ///
    /// What must not be dropped, or cannot be now, is an outcome like others.
    ///
    /// - Throws: `CancellationError`.
    public func dropReplaced(by outcome: SetOutcome, of advice: IndexAdvice) async throws -> [IndexOutcome] {
        var names: [String] = []
        for (advised, index) in zip(advice.recommendations, outcome.indexes) where index.result == .built {
            names += advised.replaces.filter { !names.contains($0) }
        }
        var outcomes: [IndexOutcome] = []
        for name in names {
            do {
                outcomes += try await self.drop([name])
            } catch let error as CancellationError {
                throw error
            } catch {
                let statement = "DROP INDEX CONCURRENTLY \(name)"
                let step = IndexStep(kind: .drop, subject: name, table: "", statement: statement)
                let failure = IndexFailure(error, in: step)
                outcomes.append(IndexOutcome(subject: name, result: .failed, failure: failure))
            }
        }
        return outcomes
    }

    /// Says what would be done to have again what earlier runs have dropped; nothing is changed.
    ///
    /// - Throws: ``ToolError`` where the journal cannot be read, or one of them cannot be built; `PostgresError`.
    public func planUndo() async throws -> [Preview] {
        try await self.looking { connection in
            var previews: [Preview] = []
            for drop in try await IndexJournal.open(on: Lookout(connection)).undoableDrops() {
                if let loss = try await drop.loss(on: connection) {
                    let plan = IndexPlan(subject: drop.subject, steps: [], note: loss)
                    previews.append(Preview(plan: plan, inTheWay: []))
                    continue
                }
                previews.append(try await Self.preview(CreateIndex.parse(drop.undo)[0], on: connection))
            }
            return previews
        }
    }

    /// Builds again what earlier runs have dropped, last one first, from the definitions in the journal.
    ///
    /// - Throws: ``ToolError`` where nothing could be begun; `PostgresError`.
    public func undoDrops(
        progress: @escaping @Sendable (IndexProgress) -> Void = { _ in }
    ) async throws -> [IndexOutcome] {
        try await IndexSession.with(self.configuration, limits: self.limits, progress: progress) { session in
            var outcomes: [IndexOutcome] = []
            var number = 1
            for drop in try await session.journal.undoableDrops() {
                let outcome = try await session.undo(drop, numbered: &number)
                outcomes.append(outcome)
                if outcome.failure != nil { break }
            }
            return outcomes
        }
    }
}

extension IndexSession {
    /// Drops indexes one after the other and stops at the first that fails.
    ///
    /// - Parameter note: what is said of each that was dropped.
    func drop(_ plans: [IndexPlan], note: String?, numbered number: inout Int) async throws -> [IndexOutcome] {
        var outcomes: [IndexOutcome] = []
        for plan in plans {
            let outcome = try await self.outcome(plan.subject) {
                try await self.run(plan, numbered: number)
                return IndexOutcome(subject: plan.subject, result: .dropped, note: note)
            }
            number += plan.steps.count
            outcomes.append(outcome)
            if outcome.failure != nil { break }
        }
        return outcomes
    }

    /// Builds again what was dropped, or writes it off where what it stood on is gone.
    func undo(_ drop: IndexJournal.Undoable, numbered number: inout Int) async throws -> IndexOutcome {
        if let loss = try await drop.loss(on: self.worker) {
            try await self.journal.end(drop.id, .abandoned, loss)
            return IndexOutcome(subject: drop.subject, result: .unchanged, note: loss)
        }
        let request = try CreateIndex.parse(drop.undo)[0]
        let outcome = try await self.outcome(drop.subject) {
            try await self.build(request, trial: nil, numbered: &number)
        }
        if outcome.failure == nil { try await self.journal.end(drop.id, .undone) }
        return outcome
    }
}

extension IndexPlan {
    /// Plans the drops of some indexes, judged together: of two that serve a foreign key between them one stays.
    static func drops(of names: [String], from connection: PostgresConnection) async throws -> [IndexPlan] {
        let inspection = try await Inspection(of: connection)
        try await inspection.begin()
        do {
            let catalog = try await inspection.catalog()
            var gone: Set<Int> = []
            var plans: [IndexPlan] = []
            for name in names {
                guard let index = catalog.indexes.first(where: { $0.name == name }) else {
                    throw ToolError(
                        .notWell,
                        tried: "Looked for the index \(name).",
                        stopped: "It is not there, or it belongs to an extension.",
                        next: "Name it as `manage index_audit` does: with its schema."
                    )
                }
                let rows = try await inspection.query(
                    "/* millwright:index-apply */ SELECT pg_catalog.pg_get_indexdef(\(index.oid)::bigint::oid)"
                )
                let definition = try rows[0].get(0, as: String.self)
                plans.append(try IndexPlan(dropping: index, in: catalog, besides: gone, definition: definition))
                gone.insert(index.oid)
            }
            await inspection.end()
            return plans
        } catch {
            await inspection.end()
            throw error
        }
    }
}
