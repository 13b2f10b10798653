// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What a set of indexes has to prove: no statement loses by it, and each of them serves a statement that gains.
///
/// A plan may need several indexes, so nothing is judged before all stand. Where a statement then takes longer than before, seen
/// twice, one of the indexes of its plan is to blame: the one that is worth least to all statements together. It goes, what used it is
/// measured again, and so on until no statement loses. Then goes what no statement gains by, in the same way. An index that went
/// without curing who blamed it gets a second chance, if it was worth something: alone, when all others are judged.
struct SetTrial: Sendable {
    typealias Measurement = IndexTrial.Measurement

    /// One index of the set.
    struct Member: Sendable {
        /// What plans call it: one name, or one for each partition.
        var names: Set<String> = []
        /// The statements that it may change, by number.
        var statements: Set<Int>
    }

    /// An index that goes, and what the measurements say of it.
    struct Fall: Sendable {
        var member: Int
        var result: TrialResult
    }

    var trial: IndexTrial
    /// The statements of all members, each once.
    let statements: [IndexAdvice.MeasuredStatement]
    private(set) var members: [Member] = []
    /// What each statement took before the first index was built.
    var before: [Measurement?] = []
    /// What each took with the whole set.
    private(set) var whole: [Measurement?] = []
    /// What each took when it was last measured.
    private(set) var after: [Measurement?] = []
    /// Those that are there.
    private var standing: Set<Int> = []
    /// By what the machine is slower now than before the first index, as statements tell whose plans did not change.
    private(set) var drift = 1.0
    /// The same when each statement was last measured.
    private var drifts: [Double] = []
    /// How often the statements that seem to lose, or could not be run, were measured again as they are now.
    private var confirmations: [Int: Int] = [:]
    /// What was blamed last: by which statement, and what it was worth.
    private var accused: [Int: (accuser: Int, worth: Double)] = [:]
    /// Those that deserve a second chance, with what they were worth.
    private var chances: [Int: Double] = [:]
    /// The one that has its second chance now: it is to blame for whatever loses by it.
    private var probationer: Int?

    /// - Parameter statements: by what each index of the set is measured.
    init(_ trial: IndexTrial, statements lists: [[IndexAdvice.MeasuredStatement]]) {
        self.trial = trial
        var numbers: [String: Int] = [:]
        var statements: [IndexAdvice.MeasuredStatement] = []
        for list in lists {
            let own = list.map { statement in
                if let number = numbers[statement.text] { return number }
                numbers[statement.text] = statements.count
                statements.append(statement)
                return statements.count - 1
            }
            self.members.append(Member(statements: Set(own)))
        }
        self.statements = statements
    }

    /// Whether one of a member's statements could be run.
    func canMeasure(_ member: Int) -> Bool {
        self.members[member].statements.contains { self.before[$0]?.isBroken == false }
    }

    /// Says that a member is there, and what plans call it.
    mutating func stands(_ member: Int, as names: Set<String>) {
        self.members[member].names = names
        self.standing.insert(member)
    }

    /// Takes what each statement takes with the whole set.
    mutating func take(_ measurements: [Measurement?]) {
        (self.whole, self.after) = (measurements, measurements)
        self.drift = Self.drift(zip(self.before, measurements))
        self.drifts = Array(repeating: self.drift, count: measurements.count)
    }

    /// The statements whose plans are as they were before, the quickest of those that are long enough to tell: measured again, they
    /// tell how slow the machine is by then.
    var controls: [Int] {
        let unchanged = self.after.indices.filter { Self.tells(self.before[$0], self.after[$0]) }
        let quickest = unchanged.sorted {
            (self.before[$0]?.seconds ?? 0, $0) < (self.before[$1]?.seconds ?? 0, $1)
        }
        return Array(quickest.prefix(5))
    }

    /// Takes what statements take now that tell how slow the machine is: what is measured next is judged by it.
    mutating func calibrate(_ controls: [Int: Measurement]) {
        self.drift = Self.drift(controls.sorted { $0.key < $1.key }.map { (self.before[$0.key], $0.value) })
    }

    /// Takes what one statement takes now.
    mutating func take(_ measurement: Measurement?, of statement: Int) {
        self.after[statement] = measurement
        self.drifts[statement] = self.drift
        self.confirmations[statement] = nil
    }

    /// The statements that seem to lose, or could not be run this time, and were not measured often enough: a busy moment of the
    /// machine looks the same.
    ///
    /// Who reads fewer pages than before is believed to be slower at the third time only.
    var doubtful: [Int] {
        self.after.indices.filter { statement in
            guard let old = self.before[statement], !old.isBroken else { return false }
            guard let new = self.after[statement] else { return self.confirmations[statement] == nil }
            let isEnough = self.confirmations[statement, default: 0] >= (self.trial.readsFewer(old, new) ? 2 : 1)
            return !isEnough && self.effect(on: statement) == .loses
        }
    }

    /// Takes another measurement of a statement; the fastest one counts.
    mutating func confirm(_ measurement: Measurement?, of statement: Int) {
        self.confirmations[statement, default: 0] += 1
        guard let measurement else { return }
        let first = self.after[statement]
        let isFaster = measurement.seconds / self.drift < (first?.seconds ?? .infinity) / self.drifts[statement]
        if measurement.shape != first?.shape || isFaster {
            self.after[statement] = measurement
            self.drifts[statement] = self.drift
        }
    }

    /// Decides which indexes go now; none when the rest has proved itself.
    ///
    /// The statements that used them, ``users(of:)``, have to be measured again before the next decision.
    mutating func falling() -> [Fall] {
        self.acquit()
        let blamed = self.blamed
        for (member, accuser) in blamed where member != self.probationer {
            self.accused[member] = (accuser, self.worth(member))
        }
        var falling = Set(blamed.keys)
        if falling.isEmpty { falling = self.standing.filter { !self.isUseful($0) } }
        let falls = falling.sorted().map { Fall(member: $0, result: self.result(of: $0)) }
        self.standing.subtract(falling)
        return falls
    }

    /// The next index to be built once more, once all others are judged.
    mutating func secondChance() -> Int? {
        self.probationer = self.chances.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
        self.probationer.map { self.chances[$0] = nil }
        return self.probationer
    }

    /// Whoever went without curing the statement that blamed it may have been innocent.
    private mutating func acquit() {
        for (member, charge) in self.accused where charge.worth > 0 && self.effect(on: charge.accuser) == .loses {
            self.chances[member] = charge.worth
        }
        self.accused = [:]
    }

    /// The statements whose plans use one of some members.
    func users(of members: [Int]) -> [Int] {
        let names = members.reduce(into: Set<String>()) { $0.formUnion(self.members[$1].names) }
        return self.after.indices.filter { !(self.after[$0]?.indexes.isDisjoint(with: names) ?? true) }
    }

    /// What the measurements say of a member: of the statements that it may change or that use it.
    func result(of member: Int) -> TrialResult {
        let users = self.users(of: [member])
        let numbers = self.members[member].statements.union(users).sorted()
        var result = TrialResult()
        result.statements = numbers.map {
            TrialResult.Row(
                statement: self.statements[$0].text,
                before: self.before[$0],
                after: self.after[$0],
                effect: self.effect(on: $0),
                reason: self.trial.refused[self.statements[$0].text]
            )
        }
        result.isUseful = self.isUseful(member)
        result.harms += IndexTrial.harms(zip(numbers, result.statements).filter { users.contains($0.0) }.map(\.1))
        return result
    }

    // MARK: Blame

    /// For each statement that loses, most first, the index of its plan that is worth least, with the statement that blames it; one
    /// at a time for what they share.
    private var blamed: [Int: Int] {
        let losers = self.after.indices.filter { self.effect(on: $0) == .loses }
        var blamed: [Int: Int] = [:]
        for statement in losers.sorted(by: { (self.saved($0), $0) < (self.saved($1), $1) }) {
            let suspects = self.standing.filter { self.users(of: [$0]).contains(statement) }
            guard suspects.isDisjoint(with: blamed.keys) else { continue }
            let isNew = self.probationer.map(suspects.contains) ?? false
            let least = suspects.min { (self.worth($0), $0) < (self.worth($1), $1) }
            (isNew ? self.probationer : least).map { blamed[$0] = statement }
        }
        return blamed
    }

    /// The seconds that the statements whose plans use a member save together, each as often as it runs.
    private func worth(_ member: Int) -> Double { self.users(of: [member]).reduce(0) { $0 + self.saved($1) } }

    private func saved(_ statement: Int) -> Double {
        guard let old = self.before[statement], let new = self.after[statement] else { return 0 }
        return (old.seconds - new.seconds / self.drifts[statement]) * self.statements[statement].calls
    }

    private func isUseful(_ member: Int) -> Bool {
        self.users(of: [member]).contains { self.effect(on: $0) == .gains }
    }

    private func effect(on statement: Int) -> TrialResult.Effect {
        guard let old = self.before[statement], let new = self.after[statement] else { return .unmeasured }
        return self.trial.effect(of: old, new, drift: self.drifts[statement], isRepeated: true)
    }

    // MARK: The machine

    /// The median ratio of the times of statements whose plans did not change; 1 where they are too few or too short to tell.
    private static func drift(_ pairs: some Sequence<(Measurement?, Measurement?)>) -> Double {
        let ratios = pairs.compactMap { old, new -> Double? in
            guard let old, let new, Self.tells(old, new) else { return nil }
            return new.seconds / old.seconds
        }
        return ratios.count >= 3 ? min(2, max(0.5, ratios.sorted()[ratios.count / 2])) : 1
    }

    private static func tells(_ old: Measurement?, _ new: Measurement?) -> Bool {
        guard let old, let new, old.shape == new.shape, old.seconds > 0.005 else { return false }
        return ![old, new].contains { $0.isCutOff || $0.isBroken }
    }
}
