// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What became of an advised set.
public struct SetOutcome: Sendable, Hashable {
    /// What the measured statements took together, each once, in seconds.
    public struct Time: Sendable, Hashable {
        /// How many could be measured every time.
        public var statements: Int
        /// Before the first index.
        public var before: Double
        /// With all that were built.
        public var withAll: Double
        /// With those that stayed.
        public var after: Double
        /// The share of the time that is left where each counts as often as it runs.
        public var shareLeft: Double
    }

    /// The indexes, in the order of the advice; the last is the one that failed, where one did.
    public var indexes: [IndexOutcome]
    /// What the statements took; `nil` where nothing was measured.
    public var time: Time?
}

extension SetOutcome.Time {
    /// Of the statements that could be measured each time; `nil` where there are none.
    init?(_ trial: SetTrial) {
        let numbers = trial.statements.indices.filter {
            [trial.before[$0], trial.whole[$0], trial.after[$0]].allSatisfy { $0?.isBroken == false }
        }
        guard !numbers.isEmpty else { return nil }
        let sum = { (measurements: [IndexTrial.Measurement?], isWeighted: Bool) in
            numbers.reduce(0) { $0 + (measurements[$1]?.seconds ?? 0) * (isWeighted ? trial.statements[$1].calls : 1) }
        }
        self.statements = numbers.count
        self.before = sum(trial.before, false)
        self.withAll = sum(trial.whole, false)
        self.after = sum(trial.after, false)
        self.shareLeft = sum(trial.after, true) / max(sum(trial.before, true), .leastNormalMagnitude)
    }
}
