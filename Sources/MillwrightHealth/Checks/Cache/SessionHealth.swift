// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCaching
public import MillwrightCore

/// Whether this node serves sessions as it should: from the copy in Redis, with PostgreSQL behind it.
///
/// It asks nobody: the store's own upkeep does, several times a second.
public struct SessionHealth: TunableHealthCheck {
    /// None.
    public static let thresholds: [Threshold<SessionHealth>] = []

    /// `sessions`.
    public let name = "sessions"
    /// What its failure means.
    public var criticality: HealthCriticality
    /// How often it runs.
    public var schedule: HealthSchedule
    private let standing: @Sendable () -> SessionStanding

    /// Creates the check; degrading, because all nodes share the servers.
    public init(
        criticality: HealthCriticality = .degrading,
        schedule: HealthSchedule = HealthSchedule(),
        standing: @escaping @Sendable () -> SessionStanding
    ) {
        self.criticality = criticality
        self.schedule = schedule
        self.standing = standing
    }

    /// Looks once.
    public func run() async throws -> HealthResult { Self.result(of: self.standing()) }

    /// Warns where sessions are served, but not from both stores; fails where nothing can be stored.
    static func result(of standing: SessionStanding) -> HealthResult {
        let facts = [
            Evidence("generation", standing.trust.map { .count($0.generation) } ?? .missing),
            Evidence("phase", standing.trust.map { .text($0.phase.rawValue) } ?? .missing),
            Evidence("mode", standing.trust.map { .text($0.mode.rawValue) } ?? .missing),
            Evidence("reaches_redis", .flag(standing.reachesRedis)),
            Evidence("reaches_database", .flag(standing.reachesDatabase)),
            Evidence("failed_reads", .count(standing.figures.failedReads)),
            Evidence("failed_writes", .count(standing.figures.failedWrites)),
        ]
        let code: String? =
            switch (standing.reachesDatabase, standing.usesCopy, standing.trust?.mode) {
            case (false, _, _): "sessions.no_database"
            case (true, true, _): nil
            case (true, false, .database?): "sessions.forced_to_database"
            case (true, false, _): "sessions.without_redis"
            }
        guard let code else { return .pass(facts) }
        return HealthResult(standing.reachesDatabase ? .warn : .fail, code: code, facts: facts)
    }
}
