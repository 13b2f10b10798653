// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// One thing that can be well or not.
///
/// A host adds its own by conforming a value and putting it in the engine's list.
///
/// A check neither times itself nor catches for the sake of reporting: the engine bounds every run and turns an error
/// into `fail`. It should stop when its task is cancelled, but the engine does not depend on it.
public protocol HealthCheck: Sendable {
    /// Unique within an engine; its key in JSON: `database`, `cache.sessions`, `memory`.
    var name: String { get }
    /// What its failure means for this node.
    var criticality: HealthCriticality { get }
    /// How often it runs and how its results are read.
    var schedule: HealthSchedule { get }

    /// Looks once.
    func run() async throws -> HealthResult
}

extension HealthCheck {
    /// The default schedule.
    public var schedule: HealthSchedule { HealthSchedule() }
}

/// How often a check runs, how long a run may take, and how many results change its status.
public struct HealthSchedule: Sendable, Hashable {
    /// From the end of one run to the start of the next, give or take a fifth: nodes that started together must not ask
    /// a shared server together.
    public var interval: Duration
    /// After this a run counts as failed, whether it comes back or not.
    public var deadline: Duration
    /// A result older than this no longer counts: a sampler that died must not look healthy.
    public var maximumAge: Duration
    /// So many failures in a row make a check that passed fail.
    public var failuresToFail: Int
    /// So many passes in a row make a check that failed pass.
    public var passesToPass: Int

    /// How long a check lets its own call take: a little less than the deadline, so that it can say itself what is late.
    public var callTimeout: Duration { self.deadline * 0.8 }

    /// Creates a schedule; `maximumAge` is three intervals and a deadline unless given.
    public init(
        interval: Duration = .seconds(2),
        deadline: Duration = .milliseconds(500),
        maximumAge: Duration? = nil,
        failuresToFail: Int = 1,
        passesToPass: Int = 1
    ) {
        self.interval = interval
        self.deadline = deadline
        self.maximumAge = maximumAge ?? interval * 3 + deadline
        self.failuresToFail = max(1, failuresToFail)
        self.passesToPass = max(1, passesToPass)
    }
}
