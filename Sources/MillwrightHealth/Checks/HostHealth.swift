// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// A host's own check in one line.
///
/// ```swift
/// import MillwrightCore
///
/// let printer = HostHealth("printer") { .pass([Evidence("jobs_waiting", 3)]) }
/// let engine = try HealthEngine([MemoryHealth(), printer])
/// ```
/// What the closure throws is `fail` with the code `error`; its text goes nowhere.
public struct HostHealth: TunableHealthCheck {
    /// None.
    public static let thresholds: [Threshold<HostHealth>] = []

    /// The check's name.
    public let name: String
    /// What its failure means.
    public var criticality: HealthCriticality
    /// How often it runs.
    public var schedule: HealthSchedule
    private let look: @Sendable () async throws -> HealthResult

    /// Creates the check; degrading unless told otherwise.
    ///
    /// - Parameter look: looks once; it may hang, the engine does not wait for it beyond the deadline.
    public init(
        _ name: String,
        criticality: HealthCriticality = .degrading,
        schedule: HealthSchedule = HealthSchedule(),
        _ look: @escaping @Sendable () async throws -> HealthResult
    ) {
        self.name = name
        self.criticality = criticality
        self.schedule = schedule
        self.look = look
    }

    /// Looks once.
    public func run() async throws -> HealthResult { try await self.look() }
}
