// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

extension IndexBuilder {
    /// Says what would be done to have an advised set; nothing is changed.
    ///
    /// - Throws: ``ToolError`` where it cannot or must not be done; `PostgresError`.
    public func plan(_ advice: IndexAdvice) async throws -> [Preview] {
        try await self.plan(advice.recommendations.map { try CreateIndex($0.definition, name: $0.name) })
    }

    /// Builds an advised set, what saves most first, and stops at the first that fails; its outcome is the last.
    ///
    /// With a trial the SELECTs of the workload that read its tables are measured before the first index is built and after the
    /// last. As long as one of them loses, an index that its plan uses is dropped again and what used that is measured anew; then
    /// goes what none gains by. One whose drop cured nothing is built once more at last. An index that ends HOT updates goes as
    /// soon as it is built.
    ///
    /// - Parameters:
    ///   - trial: how to measure; its statements are the advice's. Without one all indexes stay.
    ///   - isThorough: whether those are built as well, after the others, that HypoPG cannot simulate; they need a trial, and what
    ///     the budget has no room for is dropped again at once.
    ///   - progress: is told how far it is, several times a second.
    /// - Throws: ``ToolError`` where nothing could be begun; `PostgresError`; `CancellationError`.
    public func build(
        _ advice: IndexAdvice,
        trial: IndexTrial? = nil,
        isThorough: Bool = false,
        progress: @escaping @Sendable (IndexProgress) -> Void = { _ in }
    ) async throws -> SetOutcome {
        let set = advice.recommendations + (isThorough && trial != nil ? advice.untested : [])
        return try await IndexSession.with(self.configuration, limits: self.limits, progress: progress) { session in
            guard let trial else { return SetOutcome(indexes: try await session.build(set)) }
            let proof = SetTrial(trial, statements: set.map(\.measured))
            return try await session.proving {
                let room = advice.budgetBytes + (advice.replaces ? advice.replacedBytes : 0)
                let outcome = try await $0.build(set, within: room, proving: proof)
                try await $0.journal.prove(outcome.indexes)
                return outcome
            }
        }
    }
}

extension IndexSession {
    /// Builds a set that need not prove anything.
    fileprivate func build(_ set: [IndexAdvice.Recommendation]) async throws -> [IndexOutcome] {
        var outcomes: [IndexOutcome] = []
        var number = 1
        for advised in set {
            let outcome = try await self.outcome(advised.definition.qualifiedTable) {
                let request = try CreateIndex(advised.definition, name: advised.name)
                return try await self.built(request, trial: nil, numbered: &number).0
            }
            outcomes.append(outcome)
            if outcome.failure != nil { break }
        }
        return outcomes
    }

    /// Builds a set, measures it as a whole, and drops again what does not prove itself.
    ///
    /// - Parameter budget: what those may take together whose size was only guessed, with all before them.
    fileprivate func build(
        _ set: [IndexAdvice.Recommendation],
        within budget: Double,
        proving trial: SetTrial
    ) async throws -> SetOutcome {
        var trial = trial
        var number = 1
        trial.trial = try await trial.trial.refusing(trial.statements.map(\.text), on: self.worker)
        trial.before = try await self.measure(trial)
        var outcomes: [IndexOutcome] = []
        var proofs: [Int: IndexProof] = [:]
        for (position, advised) in set.enumerated() {
            guard trial.canMeasure(position) else {
                outcomes.append(.unmeasured(advised, by: trial.trial))
                continue
            }
            let outcome = try await self.outcome(advised.definition.qualifiedTable) {
                var (outcome, proof) = try await self.watched(advised, trial.trial, numbered: &number)
                let room = budget - outcomes.filter { $0.result == .built }.reduce(0) { $0 + Double($1.bytes ?? 0) }
                if advised.isGuessed, var tooBig = proof, let bytes = outcome.bytes, Double(bytes) > room {
                    tooBig.result = TrialResult(harms: [Self.words(bytes, room: room)], isUseful: true)
                    outcome = try await self.revert(outcome, for: tooBig, numbered: &number)
                    proof = nil
                }
                proofs[position] = proof
                return outcome
            }
            outcomes.append(outcome)
            if outcome.failure != nil { break }
        }
        guard !proofs.isEmpty else { return SetOutcome(indexes: outcomes) }
        for (position, proof) in proofs { trial.stands(position, as: proof.plan.names) }
        trial.take(try await self.measure(trial))
        try await self.judge(&trial, proofs, &outcomes, numbered: &number)
        while let position = trial.secondChance() {
            let first = outcomes[position]
            let outcome = try await self.outcome(first.subject) {
                let (outcome, proof) = try await self.watched(set[position], trial.trial, numbered: &number)
                proofs[position] = proof
                if let proof { trial.stands(position, as: proof.plan.names) }
                return outcome
            }
            outcomes[position] = outcome
            outcomes[position].seconds += first.seconds
            if outcome.failure != nil { break }
            try await self.calibrate(&trial)
            for statement in trial.statements.indices {
                let text = trial.statements[statement].text
                let plan = try await trial.trial.plan(text, on: self.worker)
                guard plan?.shape != trial.after[statement]?.shape else { continue }
                trial.take(try await trial.trial.measure(text, on: self.worker), of: statement)
            }
            try await self.judge(&trial, proofs, &outcomes, numbered: &number)
        }
        for (position, proof) in proofs where outcomes[position].result == .built {
            outcomes[position].trial = trial.result(of: position).watched(as: proof.result)
        }
        return SetOutcome(indexes: outcomes, time: SetOutcome.Time(trial))
    }

    /// Drops what does not prove itself, and measures again what used it, until the rest has proved itself.
    private func judge(
        _ trial: inout SetTrial,
        _ proofs: [Int: IndexProof],
        _ outcomes: inout [IndexOutcome],
        numbered number: inout Int
    ) async throws {
        while true {
            if !trial.doubtful.isEmpty { try await self.calibrate(&trial) }
            while let statement = trial.doubtful.first {
                let text = trial.statements[statement].text
                trial.confirm(try await trial.trial.measure(text, on: self.worker), of: statement)
            }
            let falls = trial.falling()
            guard !falls.isEmpty else { return }
            for fall in falls {
                guard var proof = proofs[fall.member] else { continue }
                let built = outcomes[fall.member]
                proof.result = fall.result.watched(as: proof.result)
                outcomes[fall.member] = try await self.outcome(built.subject) {
                    try await self.revert(built, for: proof, numbered: &number)
                }
                outcomes[fall.member].seconds += built.seconds
            }
            try await self.calibrate(&trial)
            for statement in trial.users(of: falls.map(\.member)) {
                let text = trial.statements[statement].text
                trial.take(try await trial.trial.measure(text, on: self.worker), of: statement)
            }
        }
    }

    /// Builds an index while the application's updates are watched, and drops it again where it ends their being HOT.
    ///
    /// - Returns: no proof where the index does not have to be judged any more.
    private func watched(
        _ advised: IndexAdvice.Recommendation,
        _ trial: IndexTrial,
        numbered number: inout Int
    ) async throws -> (IndexOutcome, IndexProof?) {
        var watching = trial
        watching.statements = []
        let request = try CreateIndex(advised.definition, name: advised.name)
        let (outcome, proof) = try await self.built(request, trial: watching, numbered: &number)
        guard var proof, !proof.result.harms.isEmpty else { return (outcome, proof) }
        // nothing was asked of it yet
        proof.result.isUseful = true
        return (try await self.revert(outcome, for: proof, numbered: &number), nil)
    }

    private static func words(_ bytes: Int, room: Double) -> String {
        "It takes \(Units.text(bytes: bytes)), and the storage budget leaves \(Units.text(bytes: Int(max(0, room))))."
    }

    /// Finds out how slow the machine is now.
    private func calibrate(_ trial: inout SetTrial) async throws {
        var controls: [Int: IndexTrial.Measurement] = [:]
        for number in trial.controls {
            controls[number] = try await trial.trial.measure(trial.statements[number].text, on: self.worker)
        }
        trial.calibrate(controls)
    }

    /// What each statement takes now.
    private func measure(_ trial: SetTrial) async throws -> [IndexTrial.Measurement?] {
        var measurements: [IndexTrial.Measurement?] = []
        for statement in trial.statements {
            let share = Double(measurements.count) / Double(trial.statements.count)
            let phase = "statement \(measurements.count + 1) of \(trial.statements.count)"
            self.progress(IndexProgress(phase: phase, share: share))
            measurements.append(try await trial.trial.measure(statement.text, on: self.worker))
        }
        return measurements
    }
}

extension IndexPlan {
    /// What plans call the indexes that it builds: without schema and quotes.
    fileprivate var names: Set<String> {
        Set(self.steps.filter { $0.kind == .build }.map { unqualified($0.subject) })
    }
}

extension TrialResult {
    /// With what was seen of the updates.
    fileprivate func watched(as other: TrialResult) -> TrialResult {
        var result = self
        (result.hotShareBefore, result.hotShareAfter) = (other.hotShareBefore, other.hotShareAfter)
        return result
    }
}

extension IndexOutcome {
    fileprivate static func unmeasured(_ advised: IndexAdvice.Recommendation, by trial: IndexTrial) -> IndexOutcome {
        let refused = advised.measured.compactMap { statement in
            trial.refused[statement.text].map { reason in
                let line = Statement(id: "", text: statement.text, calls: 0, totalSeconds: 0).oneLine(60)
                return " Not run: \(line) (\(reason))."
            }
        }
        let why =
            advised.measured.isEmpty
            ? "No SELECT of the workload reads its table, so nothing could be measured: it was not built."
            : "None of the workload's SELECTs that read its table could be run: it was not built."
        return IndexOutcome(
            subject: "\(quoted(advised.definition.schema)).\(quoted(advised.name))",
            result: .unchanged,
            note: why + refused.prefix(3).joined()
        )
    }
}
