// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// What the engine knows at one moment; HTTP, the command line and metrics show the same one.
public struct HealthSnapshot: Sendable, Hashable {
    /// One check in a snapshot.
    public struct Entry: Sendable, Hashable {
        /// The check's name.
        public var name: String
        /// What its failure means.
        public var criticality: HealthCriticality
        /// What it found.
        public var result: HealthResult
        /// How long ago its last run came back; `nil` before the first one did.
        public var age: Duration?
        /// How long that run took.
        public var took: Duration?
        /// When the run began that is past its deadline and still under way, in seconds since 1970-01-01 00:00 UTC; `nil`
        /// where none hangs.
        public var hangingSince: Double?
        /// How often it runs and how its results are read.
        public var schedule: HealthSchedule
        /// The thresholds it judges by, as the settings would have them.
        public var limits: [Evidence]

        /// Creates an entry.
        public init(
            _ name: String,
            criticality: HealthCriticality,
            result: HealthResult,
            age: Duration? = nil,
            took: Duration? = nil,
            hangingSince: Double? = nil,
            schedule: HealthSchedule = HealthSchedule(),
            limits: [Evidence] = []
        ) {
            self.name = name
            self.criticality = criticality
            self.result = result
            self.age = age
            self.took = took
            self.hangingSince = hangingSince
            self.schedule = schedule
            self.limits = limits
        }
    }

    /// Names the snapshot in every answer made from it: `5f1c9a-42`.
    public var id: String
    /// When it was made, in seconds since 1970-01-01 00:00 UTC.
    public var time: Double
    /// Where in its life the node is.
    public var phase: HealthPhase
    /// The checks, in the engine's order.
    public var entries: [Entry]
    /// The groups that can be asked for by name.
    public var groups: [HealthGroup]

    /// Creates a snapshot.
    public init(id: String, time: Double, phase: HealthPhase, entries: [Entry], groups: [HealthGroup] = []) {
        self.id = id
        self.time = time
        self.phase = phase
        self.entries = entries
        self.groups = groups
    }
}

extension HealthSnapshot.Entry {
    /// What the check counts for in the whole.
    public var effect: HealthStatus { self.criticality.effect(of: self.result.status) }
}
