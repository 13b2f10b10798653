// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Tells which statement of a pipeline an answer belongs to.
///
/// What was sent is answered in order, each part by its replies and an end; a sync has one reply of its own.
struct PipelineAnswers<Value: Sendable> {
    /// What was sent for a statement.
    enum Part: Equatable {
        /// It is run, under the name it was parsed under where it has one.
        case run(Int, name: String? = nil)
        /// It is parsed under a name, for now and later.
        case prepare(Int, name: String)
        /// A name that is needed no longer is given back.
        case deallocate(name: String)
    }

    /// What comes back.
    enum Reply {
        case value(Value)
        case failed(PostgresError)
        /// An earlier error stopped the server before it came to this.
        case notRun
        /// The part's last reply was before this one.
        case end
        case sync
    }

    /// One for each statement; those not reached were not run.
    private(set) var outcomes: [Result<Value, PostgresError>]
    /// The names under which the server should keep a statement, and does not.
    private(set) var unprepared: [String] = []
    /// The names that the server did not take back.
    private(set) var undropped: [String] = []
    /// The server's last error.
    private(set) var failure: PostgresError?
    private var sent: [Part] = []
    private var answered = 0
    /// How many parts were sent before each sync.
    private var syncs: [Int] = []
    private var answeredSyncs = 0
    /// Whether more came back than was sent.
    private(set) var areOutOfStep = false
    private var isPrepared = false
    private var refused: [String: PostgresError] = [:]

    init(count: Int) {
        self.outcomes = Array(repeating: .failure(PostgresError(.notRun)), count: count)
    }

    /// Whether a statement failed.
    var hasFailed: Bool { self.failure != nil }
    /// Whether everything that was sent is answered.
    var isComplete: Bool { self.answered == self.sent.count && self.answeredSyncs == self.syncs.count }

    mutating func send(_ part: Part) { self.sent.append(part) }
    mutating func sendSync() { self.syncs.append(self.sent.count) }

    mutating func take(_ reply: Reply) {
        if case .sync = reply { return self.takeSync() }
        guard self.answered < self.sent.count else { return self.takeBeyondLast(reply) }
        switch (self.sent[self.answered], reply) {
        case (_, .end): self.endPart()
        case (.run(let index, _), .value(let value)): self.outcomes[index] = .success(value)
        case (.run(let index, let name), .failed(let error)): self.fail(index, self.cause(of: error, name: name))
        case (.prepare, .value): self.isPrepared = true
        case (.prepare(let index, let name), .failed(let error)):
            self.refused[name] = error
            self.fail(index, error)
        case (.deallocate(let name), .failed(let error)) where error.sqlState != "26000": self.undropped.append(name)
        case (.deallocate(let name), .notRun): self.undropped.append(name)
        case (.deallocate, _), (_, .notRun), (_, .sync): break
        }
    }

    private mutating func takeSync() {
        guard self.answeredSyncs < self.syncs.count, self.syncs[self.answeredSyncs] == self.answered else {
            return self.areOutOfStep = true
        }
        self.answeredSyncs += 1
    }

    /// Instead of the sync's reply: an error ends the session, anything else is not what was asked.
    private mutating func takeBeyondLast(_ reply: Reply) {
        if case .failed(let error) = reply { self.failure = self.failure ?? error } else { self.areOutOfStep = true }
    }

    private mutating func endPart() {
        if case .prepare(_, let name) = self.sent[self.answered], !self.isPrepared { self.unprepared.append(name) }
        self.isPrepared = false
        self.answered += 1
    }

    /// Why a statement could not be parsed says more than that it is not there to be run.
    private func cause(of error: PostgresError, name: String?) -> PostgresError {
        error.sqlState == "26000" ? name.flatMap { self.refused[$0] } ?? error : error
    }

    /// Keeps a statement's first error.
    private mutating func fail(_ index: Int, _ error: PostgresError) {
        self.failure = error
        if case .failure(let earlier) = self.outcomes[index], earlier.code != .notRun { return }
        self.outcomes[index] = .failure(error)
    }
}
