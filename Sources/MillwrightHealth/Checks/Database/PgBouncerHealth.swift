// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore
import MillwrightPostgres

/// Whether PgBouncer's admin console answers, and how long clients wait there for a connection to the server.
///
/// Clients that wait longer than a moment mean a pool that is too small or paused, or a server that answers nobody.
public struct PgBouncerHealth: TunableHealthCheck {
    /// What the settings can set.
    public static let thresholds: [Threshold<PgBouncerHealth>] = [
        .duration("warn", \.warnWait, "How long the first client in a queue has waited when it warns."),
        .duration("fail", \.failWait, "How long it has waited when it fails."),
    ]

    /// The check's name: `pgbouncer` for the alias `default`, otherwise `pgbouncer.<alias>`.
    public let name: String
    /// What its failure means.
    public var criticality: HealthCriticality
    /// How often it runs.
    public var schedule: HealthSchedule
    /// From this wait on it warns.
    public var warnWait = Duration.seconds(1)
    /// From this wait on it fails.
    public var failWait = Duration.seconds(10)
    private let console: ReservedConnection

    /// Creates the check; degrading, because nodes share a pooler, or the server behind it.
    ///
    /// - Parameters:
    ///   - alias: the alias of the database behind it.
    ///   - console: leads to the database `pgbouncer`, as one of its `stats_users`.
    ///   - criticality: what a failure means.
    ///   - schedule: how often it runs.
    public init(
        _ alias: String = "default",
        console: ReservedConnection,
        criticality: HealthCriticality = .degrading,
        schedule: HealthSchedule = HealthSchedule()
    ) {
        self.name = HealthName.of("pgbouncer", alias)
        self.console = console
        self.criticality = criticality
        self.schedule = schedule
    }

    /// One pool: a database and a user.
    struct Pool: Sendable, Hashable {
        var waitingClients: Int
        var activeServers: Int
        var longestWaitSeconds: Double
    }

    /// Looks once.
    public func run() async throws -> HealthResult {
        do {
            // The console takes no prepared statement, which is how a statement with values is sent.
            let rows = try await self.console.withConnection(timeout: self.schedule.callTimeout) {
                try await $0.query(script: "SHOW POOLS", timeout: $1)
            }
            return self.result(try rows.map(Pool.init))
        } catch let error as PostgresError {
            return HealthResult(.fail, code: "pgbouncer.\(error.healthWord)")
        }
    }

    /// Judges all pools by the one whose clients wait longest.
    func result(_ pools: [Pool]) -> HealthResult {
        let wait = pools.filter { $0.waitingClients > 0 }.map(\.longestWaitSeconds).max() ?? 0
        let facts = [
            Evidence("clients_waiting", .count(pools.map(\.waitingClients).reduce(0, +))),
            Evidence("servers_active", .count(pools.map(\.activeServers).reduce(0, +))),
            Evidence("longest_wait_seconds", .number((wait * 1000).rounded() / 1000)),
        ]
        if wait >= self.failWait / .seconds(1) { return HealthResult(.fail, code: "pgbouncer.stuck", facts: facts) }
        if wait >= self.warnWait / .seconds(1) { return HealthResult(.warn, code: "pgbouncer.waiting", facts: facts) }
        return .pass(facts)
    }
}

extension PgBouncerHealth.Pool {
    fileprivate init(_ row: Row) throws {
        self.init(
            waitingClients: try row.get("cl_waiting", as: Int.self),
            activeServers: try row.get("sv_active", as: Int.self),
            longestWaitSeconds: try row.get("maxwait", as: Double.self) + row.get("maxwait_us", as: Double.self) / 1e6
        )
    }
}
