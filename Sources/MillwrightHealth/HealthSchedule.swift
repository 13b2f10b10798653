// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// How often a check runs, how long a run may take, and how many results change its status.
public struct HealthSchedule: Sendable, Hashable {
    /// From the end of one run to the start of the next, give or take a fifth: nodes that started together must not ask
    /// a shared server together.
    public var interval: Duration
    /// After this a run counts as failed, whether it comes back or not.
    public var deadline: Duration
    /// So many failures in a row make a check that passed fail.
    public var failuresToFail: Int
    /// So many passes in a row make a check that failed pass.
    public var passesToPass: Int
    private var ownMaximumAge: Duration?

    /// A result older than this no longer counts: a sampler that died must not look healthy.
    ///
    /// Three intervals and a deadline unless set.
    public var maximumAge: Duration {
        get { self.ownMaximumAge ?? self.interval * 3 + self.deadline }
        set { self.ownMaximumAge = newValue }
    }

    /// How long a check lets its own call take: a little less than the deadline, so that it can say itself what is late.
    public var callTimeout: Duration { self.deadline * 0.8 }

    /// Creates a schedule.
    public init(
        interval: Duration = .seconds(2),
        deadline: Duration = .milliseconds(500),
        maximumAge: Duration? = nil,
        failuresToFail: Int = 1,
        passesToPass: Int = 1
    ) {
        self.interval = interval
        self.deadline = deadline
        self.ownMaximumAge = maximumAge
        self.failuresToFail = max(1, failuresToFail)
        self.passesToPass = max(1, passesToPass)
    }
}

extension HealthSchedule: Configurable {
    /// What the settings can set for any check.
    public static let thresholds: [Threshold<HealthSchedule>] = [
        .duration("interval", \.interval, "How long from one run to the next."),
        .duration("deadline", \.deadline, "How long a run may take."),
        .duration("max_age", \.maximumAge, "How old a result may become."),
        .count("failures", \.failuresToFail, "How many failures in a row make it fail."),
        .count("passes", \.passesToPass, "How many passes in a row make it pass again."),
    ]
}
