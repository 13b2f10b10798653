// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// One thing that can be well or not.
///
/// A host adds its own by conforming a value, or with a ``HostHealth``, and putting it in the engine's list.
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
    /// The thresholds it judges by, for whoever may see details.
    var limits: [Evidence] { get }

    /// Looks once.
    func run() async throws -> HealthResult
}

extension HealthCheck {
    /// The default schedule.
    public var schedule: HealthSchedule { HealthSchedule() }
    /// None.
    public var limits: [Evidence] { [] }
}

/// A check that the settings can say something about: how much it matters, when it runs, from where on it warns and fails.
public protocol TunableHealthCheck: HealthCheck, Configurable {
    /// What its failure means for this node.
    var criticality: HealthCriticality { get set }
    /// How often it runs and how its results are read.
    var schedule: HealthSchedule { get set }
}

extension TunableHealthCheck {
    /// Its thresholds, as the settings would have them.
    public var limits: [Evidence] { Self.thresholds.map { Evidence($0.name, .text($0.text(self))) } }

    /// The check with what the settings say: `["criticality": "critical", "interval": "10s", "warn": "80%"]`.
    ///
    /// - Throws: `ThresholdError`, which names what is wrong.
    public func tuned(by values: [String: String]) throws(ThresholdError) -> Self {
        var check = self
        for (key, value) in values.sorted(by: { $0.key < $1.key }) { try check.tune(key, to: value) }
        return check
    }

    private mutating func tune(_ key: String, to value: String) throws(ThresholdError) {
        if key == "criticality" {
            guard let criticality = HealthCriticality(rawValue: value) else {
                let words = HealthCriticality.allCases.map(\.rawValue).joined(separator: ", ")
                throw ThresholdError(check: self.name, threshold: key, value: value, expects: "one of \(words)")
            }
            self.criticality = criticality
        } else if HealthSchedule.thresholds.contains(where: { $0.name == key }) {
            try self.schedule.set(key, to: value, of: self.name)
        } else {
            try self.set(key, to: value, of: self.name)
        }
    }
}
