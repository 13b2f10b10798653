// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension IndexBuilder {
    /// Builds an advised set on a scratch copy of the tables that its statements read, measures it there as
    /// ``build(_:trial:isThorough:progress:)`` does in place, and drops the copy.
    ///
    /// The source is only read, in one snapshot that is given back before anything is measured.
    ///
    /// - Parameters:
    ///   - trial: how to measure; its statements are the advice's. Nobody updates a copy, so that no updates are watched.
    ///   - isThorough: whether those are built as well that HypoPG cannot simulate.
    ///   - progress: is told how far it is, several times a second.
    /// - Throws: ``ToolError`` where no copy can be made; `PostgresError`; `CancellationError`.
    public func prove(
        _ advice: IndexAdvice,
        onCopy options: ScratchOptions,
        trial: IndexTrial,
        isThorough: Bool = false,
        progress: @escaping @Sendable (IndexProgress) -> Void = { _ in }
    ) async throws -> (outcome: SetOutcome, copy: ScratchFacts) {
        let set = advice.recommendations + (isThorough ? advice.untested : [])
        let statements = Set(set.flatMap(\.measured).map(\.text)).sorted()
        var trial = trial
        trial.window = .zero
        let quiet = trial
        let copy = ScratchCopy(source: self.configuration, options: options, limits: self.limits, progress: progress)
        return try await copy.lend(for: statements) { configuration, facts in
            var builder = self
            builder.configuration = configuration
            let outcome = try await builder.build(advice, trial: quiet, isThorough: isThorough, progress: progress)
            return (outcome, facts)
        }
    }
}

extension IndexAdvice {
    /// The advice with those indexes alone that proved themselves; what could not be simulated and proved itself is among them.
    public func proved(by outcome: SetOutcome) -> IndexAdvice {
        let set = self.recommendations + self.untested
        var advice = self
        advice.recommendations = zip(set, outcome.indexes).filter { $0.1.result == .built }.map(\.0)
        advice.untested = Array(set.dropFirst(outcome.indexes.count)).filter { self.untested.contains($0) }
        return advice
    }
}
