// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore
public import MillwrightPostgres

/// Whether the application's own pool has a connection to give, and whether that one answers.
///
/// A full pool is a warning and is not queued for: the places belong to requests.
public struct DatabasePoolHealth: TunableHealthCheck {
    /// None.
    public static let thresholds: [Threshold<DatabasePoolHealth>] = []

    /// The check's name: `pool` for the alias `default`, otherwise `pool.<alias>`.
    public let name: String
    /// What its failure means.
    public var criticality: HealthCriticality
    /// How often it runs.
    public var schedule: HealthSchedule
    private let pool: PostgresClient

    /// Creates the check; degrading, because a pool is empty on all nodes when the server is down.
    public init(
        _ alias: String = "default",
        pool: PostgresClient,
        criticality: HealthCriticality = .degrading,
        schedule: HealthSchedule = HealthSchedule()
    ) {
        self.name = HealthName.of("pool", alias)
        self.pool = pool
        self.criticality = criticality
        self.schedule = schedule
    }

    /// Looks once.
    public func run() async throws -> HealthResult {
        let before = await self.pool.statistics()
        guard before.inUse < before.maximum else { return Self.busy(before) }
        do {
            let timeout = self.schedule.callTimeout
            try await timed(timeout, late: PostgresError(.timedOut)) { [pool] in
                try await pool.withConnection { connection in
                    _ = try await connection.query("/* millwright:health */ SELECT 1", timeout: timeout)
                }
            }
            return .pass(Self.facts(before))
        } catch let error as PostgresError {
            return Self.result(of: error, pool: await self.pool.statistics())
        }
    }

    /// Judges an error by what the pool looked like afterwards: a place that was gone first is no server that is down.
    static func result(of error: PostgresError, pool: PoolStatistics) -> HealthResult {
        let isFull = pool.inUse >= pool.maximum && [.timedOut, .poolExhausted].contains(error.code)
        return isFull ? Self.busy(pool) : error.healthResult(Self.facts(pool))
    }

    static func busy(_ pool: PoolStatistics) -> HealthResult {
        HealthResult(.warn, code: "postgres.pool_busy", facts: Self.facts(pool))
    }

    private static func facts(_ pool: PoolStatistics) -> [Evidence] {
        [
            Evidence("pool_in_use", .count(pool.inUse)), Evidence("pool_waiting", .count(pool.waiting)),
            Evidence("pool_maximum", .count(pool.maximum)),
        ]
    }
}
