// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// How long work waits before it runs: a stalled loop answers nobody, however healthy its dependencies are.
public struct LagHealth: TunableHealthCheck {
    /// What the settings can set.
    public static let thresholds: [Threshold<LagHealth>] = [
        .duration("warn", \.warnAfter, "The lag from which it warns."),
        .duration("fail", \.failAfter, "The lag from which it fails."),
    ]

    /// The check's name.
    public let name: String
    /// What its failure means.
    public var criticality: HealthCriticality
    /// How often it runs.
    public var schedule: HealthSchedule
    /// From this lag on it warns.
    public var warnAfter: Duration
    /// From this lag on it fails.
    public var failAfter: Duration
    private let hop: @Sendable () async throws -> Void

    /// Creates the check.
    ///
    /// - Parameter hop: goes to the executor of interest and comes back; without it the pool that runs Swift's tasks is
    ///   measured.
    public init(
        name: String = "event_loop",
        criticality: HealthCriticality = .critical,
        // A stalled loop runs no sampler either: the last look must grow old soon.
        schedule: HealthSchedule = HealthSchedule(
            interval: .seconds(1),
            deadline: .seconds(2),
            maximumAge: .milliseconds(3_500)
        ),
        warnAfter: Duration = .milliseconds(200),
        failAfter: Duration = .seconds(1),
        hop: @escaping @Sendable () async throws -> Void = { await Task { await Task.yield() }.value }
    ) {
        self.name = name
        self.criticality = criticality
        self.schedule = schedule
        self.warnAfter = warnAfter
        self.failAfter = failAfter
        self.hop = hop
    }

    /// Looks once.
    public func run() async throws -> HealthResult {
        self.result(lag: try await ContinuousClock().measure { try await self.hop() })
    }

    /// Judges the figure.
    func result(lag: Duration) -> HealthResult {
        let (seconds, attoseconds) = lag.components
        let facts = [Evidence("lag_ms", .number(Double(seconds) * 1e3 + Double(attoseconds / 1_000_000_000_000) / 1e3))]
        return .judged(
            lag,
            warn: (self.warnAfter, "event_loop.slow"),
            fail: (self.failAfter, "event_loop.stalled"),
            facts: facts
        )
    }
}
