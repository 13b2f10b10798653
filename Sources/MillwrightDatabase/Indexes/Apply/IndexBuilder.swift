// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
public import MillwrightPostgres

/// Builds and drops indexes while the application goes on: step by step, journalled, verified, and with nothing left behind.
///
/// Planning changes nothing. Applying takes two connections straight to the primary, and an advisory lock, so that one run at a
/// time changes indexes.
///
/// ```swift
/// import MillwrightPostgres
///
/// let builder = IndexBuilder(PostgresConfiguration("postgres://app@/erp"))
/// let requests = try CreateIndex.parse("CREATE INDEX ON erp_salesorder (customer_id, date)")
/// for preview in try await builder.plan(requests) { print(preview.plan.script) }
/// for outcome in try await builder.build(requests) { print(outcome.subject, outcome.seconds) }
/// ```
public struct IndexBuilder: Sendable {
    /// Where the indexes are; the role must own the tables.
    public var configuration: PostgresConfiguration
    /// How long it may take, wait, and keep others waiting.
    public var limits: IndexLimits

    /// Creates a builder; nothing is opened yet.
    public init(_ configuration: PostgresConfiguration, limits: IndexLimits = IndexLimits()) {
        self.configuration = configuration
        self.limits = limits
    }

    /// What would be done, and who would be waited for if it began now.
    public struct Preview: Sendable, Hashable {
        /// The steps.
        public var plan: IndexPlan
        /// The sessions in the way now.
        public var inTheWay: [SessionInTheWay]
    }

    /// Says what would be done to have some indexes; nothing is changed.
    ///
    /// - Throws: ``ToolError`` where it cannot or must not be done; `PostgresError`.
    public func plan(_ requests: [CreateIndex]) async throws -> [Preview] {
        try await self.looking { connection in
            var previews: [Preview] = []
            for request in requests { previews.append(try await Self.preview(request, on: connection)) }
            return previews
        }
    }

    static func preview(_ request: CreateIndex, on connection: PostgresConnection) async throws -> Preview {
        let situation = try await IndexSituation.read(request, from: connection)
        let sessions = try await SessionInTheWay.read(
            table: situation.table.oid,
            but: [await Int(connection.backendPID)],
            from: connection
        )
        return Preview(plan: try IndexPlan(situation), inTheWay: sessions)
    }

    /// Builds indexes one after the other and stops at the first that fails; its outcome is the last.
    ///
    /// Cancelling drops what was begun, and then throws `CancellationError`.
    ///
    /// - Parameters:
    ///   - trial: what each index has to prove once it is built; it is dropped again where it does not.
    ///   - progress: is told how far it is, several times a second.
    /// - Throws: ``ToolError`` where nothing could be begun; `PostgresError`.
    public func build(
        _ requests: [CreateIndex],
        trial: IndexTrial? = nil,
        progress: @escaping @Sendable (IndexProgress) -> Void = { _ in }
    ) async throws -> [IndexOutcome] {
        try await IndexSession.with(self.configuration, limits: self.limits, progress: progress) { session in
            try await session.proving(trial != nil) { session in
                var outcomes: [IndexOutcome] = []
                var number = 1
                for request in requests {
                    let outcome = try await session.outcome(request.namedTable) {
                        try await session.build(request, trial: trial, numbered: &number)
                    }
                    outcomes.append(outcome)
                    if outcome.failure != nil { break }
                    try await session.journal.prove([outcome])
                }
                return outcomes
            }
        }
    }

    /// Drops what killed runs have left: invalid remnants, and indexes that were built to be measured and were not.
    ///
    /// Every change of indexes begins with it; alone it is for what looks at the indexes before it changes them.
    ///
    /// - Returns: the indexes that were built and not measured.
    /// - Throws: ``ToolError`` where nothing could be begun; `PostgresError`.
    public func cleanUp() async throws -> [IndexOutcome] {
        try await IndexSession.with(self.configuration, limits: self.limits, progress: { _ in }) { _, dropped in
            dropped.map {
                IndexOutcome(
                    subject: $0,
                    result: .dropped,
                    note: "A run that was killed had built it to measure it, and had not."
                )
            }
        }
    }

    /// The indexes that a killed run has built to measure them and has not; the next change of indexes drops them.
    ///
    /// - Throws: `PostgresError`.
    public func unproved() async throws -> [String] {
        let connection = try await PostgresConnection.connect(self.configuration)
        do {
            let names = try await IndexJournal.unproved(on: connection)
            await connection.close()
            return names
        } catch {
            await connection.close()
            throw error
        }
    }

    func looking<Value: Sendable>(_ body: (PostgresConnection) async throws -> Value) async throws -> Value {
        let connection = try await PostgresConnection.connect(self.configuration)
        do {
            try await IndexSession.refuse(connection)
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }
}

/// What became of one index.
public struct IndexOutcome: Sendable, Hashable {
    /// How it ended.
    public enum Result: String, Sendable, Hashable {
        case built
        case dropped
        /// There was nothing to do.
        case unchanged
        /// It was built, measured, and dropped again.
        case reverted
        /// It was dropped, missed by a statement, and built again.
        case restored
        case failed
    }

    /// The index, or where it has no name yet its table; quoted.
    public var subject: String
    /// How it ended.
    public var result: Result
    /// Why, where it is not plain.
    public var note: String?
    /// What stopped it.
    public var failure: IndexFailure?
    /// What the measurement said.
    public var trial: TrialResult?
    /// How big the index is.
    public var bytes: Int?
    /// How long all of it took.
    public var seconds = 0.0
}

/// What an index was measured by, and what the measurement said.
struct IndexProof: Sendable {
    var plan: IndexPlan
    var trial: IndexTrial
    var before: IndexTrial.Observation
    var result: TrialResult
}

extension IndexSession {
    /// Times a change and turns what stopped it into its outcome.
    func outcome(_ subject: String, _ body: () async throws -> IndexOutcome) async throws -> IndexOutcome {
        let start = ContinuousClock.now
        var outcome: IndexOutcome
        do {
            outcome = try await body()
        } catch let failure as IndexFailure {
            outcome = IndexOutcome(subject: subject, result: .failed, failure: failure)
        } catch let error as ToolError {
            outcome = IndexOutcome(subject: subject, result: .failed, failure: IndexFailure(error: error))
        }
        outcome.seconds = (ContinuousClock.now - start).seconds
        return outcome
    }

    /// Builds an index and, where it does not prove itself, drops it again.
    func build(_ request: CreateIndex, trial: IndexTrial?, numbered number: inout Int) async throws -> IndexOutcome {
        let (outcome, proof) = try await self.built(request, trial: trial, numbered: &number)
        guard let proof, !proof.result.isKept else { return outcome }
        return try await self.revert(outcome, for: proof, numbered: &number)
    }

    /// Builds an index and measures what it does; it stays in any case.
    func built(
        _ request: CreateIndex,
        trial: IndexTrial?,
        numbered number: inout Int
    ) async throws -> (IndexOutcome, IndexProof?) {
        let situation = try await IndexSituation.read(request, from: self.worker)
        let plan = try IndexPlan(situation)
        guard !plan.steps.isEmpty else {
            return (IndexOutcome(subject: plan.subject, result: .unchanged, note: plan.note), nil)
        }
        let tables = situation.tables.map(\.oid)
        let trial = try await trial?.refusing(trial?.statements ?? [], on: self.worker)
        let before = try await trial?.observe(tables, on: self.worker)
        defer { number += plan.steps.count }
        try await self.run(plan, numbered: number)
        var outcome = IndexOutcome(subject: plan.subject, result: .built, bytes: try await self.size(of: plan))
        guard let trial, let before else { return (outcome, nil) }
        var after = try await trial.observe(tables, on: self.worker)
        try await trial.confirm(&after, against: before, on: self.worker)
        let proof = IndexProof(
            plan: plan,
            trial: trial,
            before: before,
            result: trial.judge(before: before, after: after)
        )
        outcome.trial = proof.result
        return (outcome, proof)
    }

    /// Drops an index again that did not prove itself.
    func revert(
        _ outcome: IndexOutcome,
        for proof: IndexProof,
        numbered number: inout Int
    ) async throws -> IndexOutcome {
        var outcome = outcome
        let revert = proof.plan.reverted
        defer { number += revert.steps.count }
        try await self.run(revert, numbered: number)
        outcome.result = .reverted
        outcome.trial = proof.result
        outcome.note = proof.result.reasons.joined(separator: " ")
        return outcome
    }

    private func size(of plan: IndexPlan) async throws -> Int {
        let names = plan.steps.filter { $0.kind == .build }.map(\.subject)
        let rows = try await self.watch.query(
            """
            /* millwright:index-apply */
            SELECT coalesce(sum(pg_catalog.pg_relation_size(pg_catalog.to_regclass(n.name))), 0)::bigint
            FROM pg_catalog.unnest(\(names)::text[]) AS n (name)
            """
        )
        return try rows[0].get(0, as: Int.self)
    }
}

extension IndexPlan {
    /// The steps that take it back; a whole is dropped with its members.
    var reverted: IndexPlan {
        let made = self.steps.filter { $0.undo != nil }
        let roots = made.filter { $0.kind == .root }
        let dropped = roots.isEmpty ? made.reversed() : Array(roots.prefix(1))
        return IndexPlan(
            subject: self.subject,
            steps: dropped.map {
                IndexStep(
                    kind: $0.kind == .root ? .dropRoot : .drop,
                    subject: $0.subject,
                    table: $0.table,
                    statement: $0.undo ?? ""
                )
            }
        )
    }
}
