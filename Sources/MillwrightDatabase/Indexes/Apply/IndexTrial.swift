// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What an index has to prove after it is built: a statement gains by it, none loses, and updates stay HOT.
///
/// SELECTs of a workload are run before and after, several times each, in read-only transactions; the median of their time and the
/// pages they read are compared. Statements that write are never run: what an index does to updates is read from the
/// counters of the application's own traffic, watched for a while before and after.
public struct IndexTrial: Sendable, Hashable {
    /// The SELECTs.
    public var statements: [String]
    /// How often the time of each is measured, after one run that counts its pages and warms the cache.
    public var repetitions = 3
    /// How long the application's updates are watched; zero where they shall not count.
    public var window: Duration = .seconds(10)
    /// How long one run of a statement may take; one that takes longer counts as that long.
    public var statementTimeout: Duration = .seconds(30)
    /// The share of its time or pages that at least one statement must save.
    public var minimumGain = 0.1
    /// The share of its time that no statement may lose, where its plan has changed.
    public var maximumLoss = 0.1
    /// The share of updates that may stop being HOT.
    public var maximumHotLoss = 0.1
    /// What must not be run, and why.
    var refused: [String: String] = [:]

    /// Creates a trial.
    public init(statements: [String]) { self.statements = statements }

    /// Reads a script of statements; what is no SELECT is returned apart.
    public static func parse(_ script: String) -> (trial: IndexTrial, left: [String]) {
        let bytes = Array(script.utf8)
        let all = QueryParser.statements(of: script).map { range in
            let text = String(decoding: bytes[range], as: UTF8.self)
            return String(text.drop(while: \.isWhitespace))
        }.filter { !$0.isEmpty }
        let isSelect = { (text: String) in
            QueryParser.tree(of: text)?.isPlainSelect ?? false
        }
        return (IndexTrial(statements: all.filter(isSelect)), all.filter { !isSelect($0) })
    }

    /// What one statement took.
    public struct Measurement: Sendable, Hashable {
        /// The median time, in seconds.
        public var seconds: Double
        /// The pages that were read, cached or not.
        public var blocks: Int
        /// What the plan does, without figures.
        var shape: String
        /// The indexes that the plan uses, unquoted and without schema.
        var indexes: Set<String> = []
        /// Whether it took longer than it may, so that the time is a lower bound and the pages are not known.
        public var isCutOff = false
        /// Whether it failed by a value that it came to (SQLSTATE class 22), so that it counts as if it took as long as it may.
        public var isBroken = false
    }

    /// What was seen at one time.
    struct Observation: Sendable, Hashable {
        /// One for each statement; `nil` where it could not be run.
        var measurements: [Measurement?]
        var updates = 0
        var hotUpdates = 0

        /// The share of the updates that were HOT; `nil` for too few to tell.
        var hotShare: Double? { self.updates >= 20 ? Double(self.hotUpdates) / Double(self.updates) : nil }
    }

    /// Compares what was seen before and after.
    func judge(before: Observation, after: Observation) -> TrialResult {
        var result = TrialResult(hotShareBefore: before.hotShare, hotShareAfter: after.hotShare)
        for (statement, (old, new)) in zip(self.statements, zip(before.measurements, after.measurements)) {
            let effect = old.flatMap { old in new.map { self.effect(of: old, $0) } } ?? .unmeasured
            let reason = self.refused[statement]
            result.statements.append(
                .init(statement: statement, before: old, after: new, effect: effect, reason: reason)
            )
        }
        let effects = result.statements.map(\.effect)
        result.harms += Self.harms(result.statements)
        result.isUseful = effects.contains(.gains)
        if let old = before.hotShare, let new = after.hotShare, old - new > self.maximumHotLoss {
            let percents = [old, new].map { "\(Int(($0 * 100).rounded())) %" }
            result.harms.append("Updates were HOT for \(percents[0]) before it and \(percents[1]) with it.")
        }
        return result
    }

    /// What some statements lost, in words.
    static func harms(_ rows: [TrialResult.Row]) -> [String] {
        let losers = rows.filter { $0.effect == .loses }
        var harms: [String] = []
        if losers.contains(where: { $0.after?.isBroken == false }) { harms.append("A statement lost by it.") }
        if losers.contains(where: { $0.after?.isBroken == true }) {
            harms.append("A statement fails by it: its plan comes to a value that it cannot take.")
        }
        return harms
    }

    /// The statements that seem to lose.
    func losers(before: Observation, after: Observation) -> [Int] {
        zip(before.measurements, after.measurements).enumerated().compactMap { number, pair in
            guard let old = pair.0, let new = pair.1 else { return nil }
            return self.effect(of: old, new) == .loses ? number : nil
        }
    }

    /// How much longer a statement has to take before the clock is believed, in seconds.
    private static let leastLoss = 0.000_05

    /// What happened to a statement; without another plan there is no effect, whatever the clock says.
    ///
    /// - Parameters:
    ///   - drift: by what the machine has become slower in between, where that is known.
    ///   - isRepeated: whether a loss is measured again before it counts: then fewer pages excuse no time.
    func effect(
        of old: Measurement,
        _ new: Measurement,
        drift: Double = 1,
        isRepeated: Bool = false
    ) -> TrialResult.Effect {
        guard !old.isBroken else { return .unmeasured }
        // a row that somebody has written meanwhile is no plan's fault
        if new.isBroken { return old.shape == new.shape || old.isCutOff ? .unmeasured : .loses }
        guard old.shape != new.shape else { return .none }
        let seconds = new.seconds / drift
        let isCounted = !old.isCutOff && !new.isCutOff
        let fewer = self.readsFewer(old, new)
        // Who reads more pages than before has to be much faster before the clock is believed, and who reads fewer much slower.
        let needed = new.blocks <= old.blocks || !isCounted ? self.minimumGain : min(0.9, 3 * self.minimumGain)
        let faster = seconds <= old.seconds * (1 - needed)
        let slower = { (share: Double) in
            seconds > old.seconds * (1 + share) && seconds - old.seconds > Self.leastLoss
        }
        if slower((fewer && !isRepeated ? 3 : 1) * self.maximumLoss) { return .loses }
        return fewer && !slower(self.maximumLoss) || faster ? .gains : .none
    }

    /// Whether a statement reads so many pages less that it gains by that.
    func readsFewer(_ old: Measurement, _ new: Measurement) -> Bool {
        !old.isCutOff && !new.isCutOff && Double(new.blocks) <= Double(old.blocks) * (1 - self.minimumGain)
    }
}

/// What a trial of an index said.
public struct TrialResult: Sendable, Hashable {
    /// What the index did to a statement.
    public enum Effect: String, Sendable, Hashable {
        case gains, loses, none
        /// It could not be run, before or after.
        case unmeasured
    }

    /// One statement before and after.
    public struct Row: Sendable, Hashable {
        /// The statement.
        public var statement: String
        /// What it took before.
        public var before: IndexTrial.Measurement?
        /// What it took with the index.
        public var after: IndexTrial.Measurement?
        /// What the index did to it.
        public var effect: Effect
        /// Why it was not run, where that is known.
        public var reason: String?
    }

    /// The statements.
    public var statements: [Row] = []
    /// The share of updates that were HOT before; `nil` for too few to tell.
    public var hotShareBefore: Double?
    /// The same with the index.
    public var hotShareAfter: Double?
    /// What lost by it, in words.
    public var harms: [String] = []
    /// Whether a statement gained by it.
    public var isUseful = false

    /// Why the index was dropped again; empty where it stays.
    public var reasons: [String] {
        guard !self.isUseful else { return self.harms }
        if self.statements.contains(where: { $0.before != nil && $0.after == nil }) {
            return self.harms + ["It could not be measured: a statement that ran before could not be run with it."]
        }
        let isBlind = !self.statements.isEmpty && self.statements.allSatisfy { $0.effect == .unmeasured }
        return self.harms + [
            isBlind ? "It could not be measured: no statement could be run." : "No statement gained by it."
        ]
    }

    /// Whether the index stays.
    public var isKept: Bool { self.reasons.isEmpty }
}
