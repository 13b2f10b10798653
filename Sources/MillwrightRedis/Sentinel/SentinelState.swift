// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Decides which server is believed to be the primary.
///
/// It holds no connection, starts no task and reads no clock: it says whom to ask and what to do with the answer.
///
/// Sentinels number their configurations with epochs; a failover takes a higher one. That orders what they say:
///
/// - An answer of a higher epoch than any believed so far is knowledge: the old primary is deposed before the new one is looked at.
/// - An answer of the same epoch is believed while nobody is trusted, unless it names a server that was deposed at this epoch and
///   comes from another than who said so: that one has not heard yet.
/// - Anything else is hearsay of a Sentinel that was cut off. Only a majority that insists for ``patience`` is believed: somebody
///   has set them up anew.
///
/// Whatever is named must say itself that it is the primary.
struct SentinelState: Sendable {
    typealias Address = RedisConfiguration.Endpoint

    /// What a Sentinel says.
    struct Answer: Sendable, Hashable {
        var primary: Address
        var epoch: Int
    }

    enum Step: Sendable, Hashable {
        /// Ask this Sentinel.
        case ask(Address)
        /// Ask this server whether it is the primary.
        case verify(Address)
        /// The believed primary is the right one.
        case settled
        /// Nobody knows: try again after a while.
        case rest
    }

    private struct Candidate: Sendable {
        var answer: Answer
        /// Who names it; `nil` where nobody could be asked.
        var sentinel: Address?
    }

    private struct Round: Sendable {
        var queue: [Address]
        let start: Duration
        var tried: Set<Address> = []
        var votes: [Answer: Int] = [:]
        var candidate: Candidate?
    }

    /// How long a majority must insist on what contradicts the epochs: Sentinels tell each other every two seconds.
    static let patience = Duration.seconds(5)

    /// The Sentinels, in the order in which they are asked.
    private(set) var sentinels: [Address]
    private let seeds: [Address]
    /// The server that is believed to be the primary; none while it is looked for.
    private(set) var primary: Address?
    /// Whether new connections may go to it without asking again.
    private(set) var isTrusted = false
    /// Grows whenever what is connected must be dropped.
    private(set) var generation = 0
    /// The highest epoch that was believed.
    private var epoch = -1
    /// Who was the primary at this epoch and is no more, and which Sentinel said so.
    private var deposed: [Address: Address] = [:]
    private var round: Round?
    private var fruitlessSince: Duration?

    init(_ sentinels: [Address]) {
        self.seeds = sentinels
        self.sentinels = sentinels
    }

    // MARK: A round of questions

    /// Begins to ask, the Sentinel first that answered last.
    mutating func beginRound(at now: Duration) -> Step {
        self.round = Round(queue: self.sentinels, start: now)
        return self.next()
    }

    /// A Sentinel answered; `nil` where it did not in time, or does not know the primary.
    mutating func answered(_ sentinel: Address, _ answer: Answer?) -> Step {
        guard let answer else { return self.next() }
        self.round?.votes[answer, default: 0] += 1
        if self.isTrusted, answer.primary == self.primary, answer.epoch >= self.epoch {
            return self.believe(Candidate(answer: answer, sentinel: sentinel))
        }
        if answer.epoch > self.epoch, answer.primary != self.primary { self.depose(by: sentinel) }
        return self.consider(Candidate(answer: answer, sentinel: sentinel))
    }

    /// The server that was to be verified has answered, or has not.
    mutating func verified(_ isPrimary: Bool) -> Step {
        guard let candidate = self.round?.candidate else { return self.next() }
        self.round?.candidate = nil
        // Another Sentinel may have told of its end meanwhile.
        guard isPrimary, self.isBelievable(candidate) else { return self.next() }
        return self.believe(candidate)
    }

    private mutating func consider(_ candidate: Candidate) -> Step {
        // Whoever was asked already in this round is not asked again: a frozen server costs one deadline.
        guard self.isBelievable(candidate), self.round?.tried.insert(candidate.answer.primary).inserted == true else {
            return self.next()
        }
        self.round?.candidate = candidate
        return .verify(candidate.answer.primary)
    }

    private mutating func next() -> Step {
        guard let sentinel = self.round?.queue.first else { return self.endRound() }
        self.round?.queue.removeFirst()
        return .ask(sentinel)
    }

    /// A trusted primary stays so where no Sentinel can be asked, and one in doubt where it says itself that it is one: they may
    /// all be down while it lives.
    private mutating func endRound() -> Step {
        if let primary, !self.isTrusted, self.round?.votes.isEmpty == true,
            self.round?.tried.insert(primary).inserted == true
        {
            let answer = Answer(primary: primary, epoch: self.epoch)
            self.round?.candidate = Candidate(answer: answer, sentinel: nil)
            return .verify(primary)
        }
        if self.fruitlessSince == nil, self.round?.votes.isEmpty == false { self.fruitlessSince = self.round?.start }
        self.round = nil
        return self.isTrusted ? .settled : .rest
    }

    // MARK: Belief

    private func isBelievable(_ candidate: Candidate) -> Bool {
        let answer = candidate.answer
        if answer.epoch > self.epoch { return true }
        if answer.epoch == self.epoch, !self.isTrusted {
            let witness = self.deposed[answer.primary]
            if witness == nil || witness == candidate.sentinel { return true }
        }
        guard let fruitlessSince, let round else { return false }
        let isMajority = 2 * round.votes[answer, default: 0] > self.sentinels.count
        return isMajority && round.start - fruitlessSince >= Self.patience
    }

    private mutating func believe(_ candidate: Candidate) -> Step {
        let answer = candidate.answer
        if let primary, primary != answer.primary { self.drop() }
        if answer.epoch != self.epoch { self.deposed = [:] }
        self.deposed[answer.primary] = nil
        self.epoch = answer.epoch
        self.primary = answer.primary
        self.isTrusted = true
        self.fruitlessSince = nil
        self.round = nil
        if let sentinel = candidate.sentinel { self.moveToFront(sentinel) }
        return .settled
    }

    private mutating func drop() {
        self.primary = nil
        self.isTrusted = false
        self.generation += 1
    }

    private mutating func depose(by sentinel: Address) {
        guard let primary else { return }
        self.deposed[primary] = sentinel
        self.drop()
    }

    // MARK: News

    /// A Sentinel announced a failover; returns whether that is news.
    mutating func announced(from old: Address, to new: Address, by sentinel: Address) -> Bool {
        guard new != self.primary else { return false }
        self.moveToFront(sentinel)
        if old == self.primary { self.depose(by: sentinel) }
        return true
    }

    /// A connection of a generation was lost or silent: what is connected stays, nothing new is until the primary was asked.
    mutating func doubt(generation: Int) {
        if generation == self.generation { self.isTrusted = false }
    }

    /// The server of a generation said that it is no primary: what is connected to it must be dropped.
    mutating func refused(generation: Int) {
        if generation == self.generation, self.primary != nil { self.drop() }
    }

    /// A Sentinel told of the others.
    mutating func learnt(_ others: [Address], from sentinel: Address) {
        let known = Set(others + self.seeds + [sentinel])
        self.sentinels.removeAll { !known.contains($0) }
        for other in others where !self.sentinels.contains(other) { self.sentinels.append(other) }
    }

    private mutating func moveToFront(_ sentinel: Address) {
        guard let index = self.sentinels.firstIndex(of: sentinel) else { return }
        self.sentinels.insert(self.sentinels.remove(at: index), at: 0)
    }
}
