// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// How long each part of a server's end may take.
public struct DrainPlan: Sendable, Hashable {
    /// How long it goes on serving while its readiness fails; longer than the balancers take to notice.
    public var drain: Duration
    /// How long the requests in flight may take afterwards.
    public var finish: Duration

    /// Creates a plan.
    public init(drain: Duration = .seconds(8), finish: Duration = .seconds(20)) {
        self.drain = drain
        self.finish = finish
    }
}

/// Decides how a server ends; it reads no clock and starts nothing.
///
/// Serving, draining, finishing, abandoned: each request to end, and each time that runs out, leads to the next one.
struct DrainState {
    /// Where the server is in its life.
    enum Phase: Sendable, Hashable {
        /// It takes all requests.
        case serving
        /// Its readiness fails, and it takes all requests.
        case draining
        /// It takes no new connection, and finishes what it has.
        case finishing
        /// What was not finished has been cancelled.
        case abandoned
        /// There is nothing left to do.
        case over
    }

    /// What happened.
    enum Event: Sendable, Hashable {
        /// Somebody wants the server to end: a signal.
        case asked
        /// The time that was given to a phase has passed.
        case timePassed(Phase)
        /// The server has ended.
        case ended
    }

    /// What is to be done.
    enum Action: Sendable, Hashable {
        case failReadiness
        case stopAccepting
        case abandonRequests
        /// Come back with `timePassed` when this time has passed.
        case wait(Duration, Phase)
    }

    /// How long cancelled requests may take before they are left behind.
    static let patience = Duration.seconds(2)

    private let plan: DrainPlan
    private(set) var phase = Phase.serving

    init(_ plan: DrainPlan) { self.plan = plan }

    /// Takes an event and says what follows; a time that was given to a phase already left means nothing.
    mutating func handle(_ event: Event) -> [Action] {
        switch event {
        case .ended:
            self.phase = .over
            return []
        case .timePassed(let phase): return phase == self.phase ? self.advance() : []
        case .asked: return self.advance()
        }
    }

    private mutating func advance() -> [Action] {
        switch self.phase {
        case .serving:
            self.phase = .draining
            return [.failReadiness, .wait(self.plan.drain, .draining)]
        case .draining:
            self.phase = .finishing
            return [.stopAccepting, .wait(self.plan.finish, .finishing)]
        case .finishing:
            self.phase = .abandoned
            return [.abandonRequests, .wait(Self.patience, .abandoned)]
        case .abandoned, .over:
            self.phase = .over
            return []
        }
    }
}
