// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore
import MillwrightPostgres

/// Whether PostgreSQL runs out of transaction ids: at the end it takes no more writes until somebody vacuums.
///
/// It tells emergencies only; `manage vacuum_schedule` says what to do long before.
public struct TransactionIDHealth: TunableHealthCheck {
    /// What the settings can set.
    public static let thresholds: [Threshold<TransactionIDHealth>] = [
        .share("warn", \.warnShare, "The share of all transaction ids in use from which it warns."),
        .share("fail", \.failShare, "The share from which it fails."),
    ]

    /// The check's name: `transaction_ids` for the alias `default`, otherwise `transaction_ids.<alias>`.
    public let name: String
    /// What its failure means.
    public var criticality: HealthCriticality
    /// How often it runs.
    public var schedule: HealthSchedule
    /// From this share on it warns: where PostgreSQL's own fail-safe vacuum begins.
    public var warnShare = 0.75
    /// From this share on it fails.
    public var failShare = 0.95
    private let server: ReservedConnection

    // PostgreSQL stops three million before the end.
    private static let limit = Double(1 << 31) - 3_000_000

    /// Creates the check; degrading, because all nodes share the server.
    public init(
        _ alias: String = "default",
        server: ReservedConnection,
        criticality: HealthCriticality = .degrading,
        schedule: HealthSchedule = HealthSchedule(interval: .seconds(60))
    ) {
        self.name = HealthName.of("transaction_ids", alias)
        self.server = server
        self.criticality = criticality
        self.schedule = schedule
    }

    /// Looks once.
    public func run() async throws -> HealthResult {
        do {
            let rows = try await self.server.query(Self.sql, timeout: self.schedule.callTimeout)
            return self.result(oldestAge: try rows.first?.get(0, as: Int.self) ?? 0)
        } catch let error as PostgresError {
            return error.healthResult()
        }
    }

    /// Judges the age of the oldest transaction or multixact id of any database.
    func result(oldestAge: Int) -> HealthResult {
        let share = Double(oldestAge) / Self.limit
        let facts = [
            .percent("usage_percent", share),
            Evidence("oldest_age", .count(oldestAge)),
        ]
        if share >= self.failShare {
            return HealthResult(.fail, code: "postgres.transaction_ids_exhausted", facts: facts)
        }
        if share >= self.warnShare { return HealthResult(.warn, code: "postgres.transaction_ids_low", facts: facts) }
        return .pass(facts)
    }

    private static let sql: SQL = """
        /* millwright:health */
        SELECT pg_catalog.max(greatest(pg_catalog.age(datfrozenxid), pg_catalog.mxid_age(datminmxid)))::int8
        FROM pg_catalog.pg_database
        """
}
