// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
public import MillwrightCore

/// How many tasks of the machine want a processor, for each that it has.
///
/// Informational: a busy machine is slow, and taking it out makes the others busier.
public struct LoadHealth: TunableHealthCheck {
    /// What the settings can set.
    public static let thresholds: [Threshold<LoadHealth>] = [
        .factor("warn", \.warnLoad, "The load for each processor from which it warns."),
        .factor("fail", \.failLoad, "The load for each processor from which it fails."),
    ]

    /// The check's name.
    public let name: String
    /// What its failure means.
    public var criticality: HealthCriticality
    /// How often it runs.
    public var schedule: HealthSchedule
    /// From this load for each processor on it warns.
    public var warnLoad = 2.0
    /// From this load for each processor on it fails.
    public var failLoad = 8.0

    /// Creates the check.
    public init(
        name: String = "cpu",
        criticality: HealthCriticality = .informational,
        schedule: HealthSchedule = HealthSchedule(interval: .seconds(10))
    ) {
        self.name = name
        self.criticality = criticality
        self.schedule = schedule
    }

    /// Looks once.
    public func run() async throws -> HealthResult {
        guard let load = SystemFile.read("/proc/loadavg").flatMap(Self.load) else {
            return HealthResult(.warn, code: "cpu.unknown")
        }
        return self.result(load: load, processors: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }

    /// Judges the average of the last minute.
    func result(load: Double, processors: Int) -> HealthResult {
        let share = load / Double(processors)
        let facts = [
            Evidence("load_1m", .number(load)), Evidence("processors", .count(processors)),
            Evidence("load_per_processor", .number((share * 100).rounded() / 100)),
        ]
        return .judged(
            share,
            warn: (self.warnLoad, "cpu.busy"),
            fail: (self.failLoad, "cpu.overloaded"),
            facts: facts
        )
    }

    /// The first figure of `/proc/loadavg`.
    static func load(_ text: String) -> Double? { text.split(separator: " ").first.flatMap { Double($0) } }
}
