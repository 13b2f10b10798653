// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore
import MillwrightPostgres

/// Whether PostgreSQL answers, over a connection kept for this question, and how far a replica is behind.
///
/// The application's own pool is another check, ``DatabasePoolHealth``: this one is green while the pool is exhausted, and
/// that one would be red while only the application is busy.
public struct DatabaseHealth: TunableHealthCheck {
    /// What the settings can set.
    public static let thresholds: [Threshold<DatabaseHealth>] = [
        .duration("warn", \.warnLag, "The replica lag from which it warns."),
        .duration("fail", \.failLag, "The replica lag from which it fails."),
    ]

    /// The check's name: `database` for the alias `default`, otherwise `database.<alias>`.
    public let name: String
    /// What its failure means.
    public var criticality: HealthCriticality
    /// How often it runs.
    public var schedule: HealthSchedule
    /// From this lag on a replica warns.
    public var warnLag = Duration.seconds(10)
    /// From this lag on a replica fails.
    public var failLag = Duration.seconds(60)
    private let server: ReservedConnection
    private let isReplica: Bool

    /// Creates the check; degrading, because all nodes share the server.
    ///
    /// - Parameters:
    ///   - alias: the alias in the settings.
    ///   - server: the connection to ask over.
    ///   - isReplica: whether the alias is meant to be a replica; elsewhere a read-only server is a failure.
    ///   - criticality: what a failure means.
    ///   - schedule: how often it runs.
    public init(
        _ alias: String = "default",
        server: ReservedConnection,
        isReplica: Bool = false,
        criticality: HealthCriticality = .degrading,
        schedule: HealthSchedule = HealthSchedule()
    ) {
        self.name = HealthName.of("database", alias)
        self.server = server
        self.isReplica = isReplica
        self.criticality = criticality
        self.schedule = schedule
    }

    /// Looks once.
    public func run() async throws -> HealthResult {
        do {
            let sql = self.isReplica ? Self.replicaSQL : Self.primarySQL
            let rows = try await self.server.query(sql, timeout: self.schedule.callTimeout)
            return self.result(
                isInRecovery: try rows.first?.get(0, as: Bool.self) ?? false,
                lagSeconds: try rows.first?.get(1, as: Double?.self) ?? nil
            )
        } catch let error as PostgresError {
            return error.healthResult()
        }
    }

    /// Judges an answer.
    func result(isInRecovery: Bool, lagSeconds: Double?) -> HealthResult {
        guard isInRecovery else { return .pass() }
        guard self.isReplica else { return HealthResult(.fail, code: "postgres.read_only") }
        guard let lagSeconds else { return HealthResult(.warn, code: "postgres.replica_lag_unknown") }
        let facts = [Evidence("lag_seconds", .number((lagSeconds * 1000).rounded() / 1000))]
        if lagSeconds >= self.failLag / .seconds(1) {
            return HealthResult(.fail, code: "postgres.replica_late", facts: facts)
        }
        if lagSeconds >= self.warnLag / .seconds(1) {
            return HealthResult(.warn, code: "postgres.replica_lagging", facts: facts)
        }
        return .pass(facts)
    }

    private static let primarySQL: SQL = "/* millwright:health */ SELECT pg_catalog.pg_is_in_recovery(), NULL::float8"

    // All that was received is replayed, and more would be received: no lag, however long nothing has been written. Without a
    // receiver nobody knows what is missing, and the age of the last transaction is the best that can be said. A standby that
    // just began has replayed its own files beyond what it received.
    private static let replicaSQL: SQL = """
        /* millwright:health */
        SELECT pg_catalog.pg_is_in_recovery(),
               CASE WHEN pg_catalog.pg_last_wal_receive_lsn() <= pg_catalog.pg_last_wal_replay_lsn()
                         AND EXISTS (SELECT FROM pg_catalog.pg_stat_wal_receiver) THEN 0
                    ELSE extract(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp())
               END::float8
        """
}
