// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

extension IndexBuilder {
    /// Says what would be done to have an advised set; nothing is changed.
    ///
    /// - Throws: ``ToolError`` where it cannot or must not be done; `PostgresError`.
    public func plan(_ advice: IndexAdvice) async throws -> [Preview] {
        try await self.plan(advice.recommendations.map { try CreateIndex($0.definition, name: $0.name) })
    }

    /// Builds an advised set, what saves most first, and stops at the first that fails; its outcome is the last.
    ///
    /// With a trial each index is measured by the SELECTs of the workload that read its table, and dropped again where one of
    /// them loses by it or none gains. A plan may need several indexes at once: so one that helps nothing when it is built is
    /// judged once more when all stand, and stays where a statement gains whose plan uses it.
    ///
    /// - Parameters:
    ///   - trial: how to measure; its statements are the advice's. Without one all indexes stay.
    ///   - progress: is told how far it is, several times a second.
    /// - Throws: ``ToolError`` where nothing could be begun; `PostgresError`; `CancellationError`.
    public func build(
        _ advice: IndexAdvice,
        trial: IndexTrial? = nil,
        progress: @escaping @Sendable (IndexProgress) -> Void = { _ in }
    ) async throws -> [IndexOutcome] {
        try await IndexSession.with(self.configuration, limits: self.limits, progress: progress) { session in
            try await session.build(advice.recommendations, trial: trial)
        }
    }
}

extension IndexSession {
    fileprivate func build(
        _ set: [IndexAdvice.Recommendation],
        trial: IndexTrial?
    ) async throws -> [IndexOutcome] {
        var outcomes: [IndexOutcome] = []
        var open: [Int: IndexProof] = [:]
        var number = 1
        for advised in set {
            let own = trial.map { trial in
                var own = trial
                own.statements = advised.measured
                return own
            }
            if let own, own.statements.isEmpty {
                outcomes.append(.unmeasured(advised))
                continue
            }
            var proof: IndexProof?
            let outcome = try await self.outcome(advised.definition.qualifiedTable) {
                let request = try CreateIndex(advised.definition, name: advised.name)
                let (outcome, found) = try await self.built(request, trial: own, numbered: &number)
                guard let found, found.result.isHarmful else {
                    proof = found
                    return outcome
                }
                return try await self.revert(outcome, for: found, numbered: &number)
            }
            outcomes.append(outcome)
            if outcome.failure != nil { break }
            if let proof, !proof.result.isKept { open[outcomes.count - 1] = proof }
        }
        return try await self.judge(open, in: outcomes, numbered: number)
    }

    /// Judges those once more that helped nothing when they were built, now that all others stand.
    private func judge(
        _ open: [Int: IndexProof],
        in outcomes: [IndexOutcome],
        numbered first: Int
    ) async throws -> [IndexOutcome] {
        var outcomes = outcomes
        var number = first
        for (position, proof) in open.sorted(by: { $0.key < $1.key }) {
            let alone = outcomes[position]
            var judged = try await self.outcome(alone.subject) {
                var proof = proof
                var trial = proof.trial
                trial.window = .zero
                let after = try await trial.observe([], on: self.worker)
                let result = trial.judge(before: proof.before, after: after)
                if result.isKept, proof.plan.isUsed(by: result) {
                    var outcome = alone
                    outcome.trial = result
                    outcome.note = "It helps together with the others."
                    return outcome
                }
                if result.isHarmful { proof.result = result }
                return try await self.revert(alone, for: proof, numbered: &number)
            }
            judged.seconds += alone.seconds
            outcomes[position] = judged
        }
        return outcomes
    }
}

extension IndexPlan {
    /// Whether the plan of a statement that gains uses one of the indexes that are built.
    fileprivate func isUsed(by result: TrialResult) -> Bool {
        let built = self.steps.filter { $0.kind == .build }.map(\.subject)
        let used = result.statements.filter { $0.effect == .gains }.flatMap { $0.after?.indexes ?? [] }
        return used.contains { name in built.contains { $0.hasSuffix(".\(quoted(name))") } }
    }
}

extension IndexOutcome {
    fileprivate static func unmeasured(_ advised: IndexAdvice.Recommendation) -> IndexOutcome {
        IndexOutcome(
            subject: "\(quoted(advised.definition.schema)).\(quoted(advised.name))",
            result: .unchanged,
            note: "No SELECT of the workload reads its table, so nothing could be measured: it was not built."
        )
    }
}
