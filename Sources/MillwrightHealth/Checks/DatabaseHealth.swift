// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
public import MillwrightPostgres
import Synchronization

/// Whether PostgreSQL answers, over a connection kept for this question, and how busy the application's pool is.
///
/// The two are apart: a fresh connection would be green while the pool is exhausted, and a pooled one would be red while
/// only the application is busy.
public struct DatabaseHealth: HealthCheck {
    /// The check's name: `database` for the alias `default`, otherwise `database.<alias>`.
    public let name: String
    /// What its failure means.
    public let criticality: HealthCriticality
    /// How often it runs.
    public let schedule: HealthSchedule
    private let reserved: ReservedConnection
    private let pool: PostgresClient?
    private let isReplica: Bool

    /// Creates the check; degrading, because all nodes share the server.
    ///
    /// - Parameters:
    ///   - alias: the alias in the settings.
    ///   - configuration: how to reach the server.
    ///   - pool: the application's pool, where it has one.
    ///   - isReplica: whether the alias is meant to be a replica; elsewhere a read-only server is a failure.
    public init(
        _ alias: String = "default",
        configuration: PostgresConfiguration,
        pool: PostgresClient? = nil,
        isReplica: Bool = false,
        criticality: HealthCriticality = .degrading,
        schedule: HealthSchedule = HealthSchedule()
    ) {
        self.name = alias == "default" ? "database" : "database.\(alias)"
        self.reserved = ReservedConnection(configuration)
        self.pool = pool
        self.isReplica = isReplica
        self.criticality = criticality
        self.schedule = schedule
    }

    /// Looks once.
    public func run() async throws -> HealthResult {
        let busy = await self.pool?.statistics()
        do {
            let rows = try await self.reserved.query(
                "/* millwright:health */ SELECT pg_catalog.pg_is_in_recovery()",
                timeout: self.schedule.callTimeout
            )
            let isInRecovery = try rows.first?.get(0, as: Bool.self) ?? false
            return Self.result(isInRecovery: isInRecovery, isReplica: self.isReplica, pool: busy)
        } catch let error as PostgresError {
            return HealthResult(.fail, code: "postgres.\(Self.code(of: error))", facts: Self.facts(busy))
        }
    }

    /// Judges an answer.
    static func result(isInRecovery: Bool, isReplica: Bool, pool: PoolStatistics?) -> HealthResult {
        let facts = Self.facts(pool)
        if isInRecovery, !isReplica { return HealthResult(.fail, code: "postgres.read_only", facts: facts) }
        if let pool, pool.waiting > 0, pool.inUse >= pool.maximum {
            return HealthResult(.warn, code: "postgres.pool_busy", facts: facts)
        }
        return .pass(facts)
    }

    private static func facts(_ pool: PoolStatistics?) -> [Evidence] {
        guard let pool else { return [] }
        return [
            Evidence("pool_in_use", .count(pool.inUse)), Evidence("pool_waiting", .count(pool.waiting)),
            Evidence("pool_maximum", .count(pool.maximum)),
        ]
    }

    /// A fixed word for an error, by its SQLSTATE class where the server sent one.
    static func code(of error: PostgresError) -> String {
        switch error.sqlState {
        case "57P03"?: return "starting"
        case "57P01"?, "57P02"?: return "shutting_down"
        case "53300"?: return "saturated"
        case "53100"?, "53200"?: return "out_of_resources"
        case "25006"?: return "read_only"
        case "3D000"?: return "no_database"
        case "42501"?: return "no_permission"
        case "57014"?: return "timeout"
        case let state? where state.hasPrefix("28"): return "authentication"
        case let state? where state.hasPrefix("08"): return "unreachable"
        default: break
        }
        switch error.code {
        case .timedOut: return "timeout"
        case .connectionFailed, .connectionLost, .closed, .breakerOpen: return "unreachable"
        case .poolExhausted: return "pool_busy"
        default: return "error"
        }
    }
}

/// One connection that nobody else uses; opened when first asked for, and again after it broke.
///
/// The engine never runs a check twice at a time, so two callers only meet where one was given up on; they then have a
/// connection each, and the later one is kept.
private final class ReservedConnection: Sendable {
    private let configuration: PostgresConfiguration
    private let current = Mutex<PostgresConnection?>(nil)

    init(_ configuration: PostgresConfiguration) {
        var configuration = configuration
        configuration.applicationName = "millwright health"
        // A server that does not answer the question will not answer the request to forget it either.
        configuration.cancelGrace = .milliseconds(20)
        self.configuration = configuration
    }

    func query(_ sql: SQL, timeout: Duration) async throws -> Rows {
        let end = ContinuousClock.now + timeout
        let connection = try await self.connection(timeout: timeout)
        do {
            let rows = try await connection.query(sql, timeout: max(.milliseconds(1), end - .now))
            let replaced = self.current.withLock { current in
                defer { current = connection }
                return current
            }
            await replaced?.close()
            return rows
        } catch {
            await connection.close()
            throw error
        }
    }

    private func connection(timeout: Duration) async throws -> PostgresConnection {
        let kept = self.current.withLock { current in
            defer { current = nil }
            return current
        }
        if let kept, await kept.isUsable { return kept }
        var configuration = self.configuration
        configuration.connectTimeout = min(configuration.connectTimeout, timeout)
        return try await PostgresConnection.connect(configuration)
    }
}
