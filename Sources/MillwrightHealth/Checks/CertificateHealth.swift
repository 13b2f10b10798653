// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore
import MillwrightPostgres
public import MillwrightRedis

/// How long the certificate is good that a server showed on a TLS connection.
///
/// Degrading: an expired certificate stops new connections of every node alike.
public struct CertificateHealth: TunableHealthCheck {
    /// What the settings can set.
    public static let thresholds: [Threshold<CertificateHealth>] = [
        .duration("warn", \.warnBefore, "How long before its end it warns."),
        .duration("fail", \.failBefore, "How long before its end it fails."),
    ]

    /// The check's name: `certificate.<alias>`.
    public let name: String
    /// What its failure means.
    public var criticality: HealthCriticality
    /// How often it runs.
    public var schedule: HealthSchedule
    /// So long before its end it warns.
    public var warnBefore = Duration.seconds(21 * 86_400)
    /// So long before its end it fails.
    public var failBefore = Duration.seconds(2 * 86_400)
    private let end: @Sendable () async throws -> Double?

    /// Creates the check.
    ///
    /// - Parameters:
    ///   - name: what it is called.
    ///   - criticality: what a failure means.
    ///   - schedule: how often it runs.
    ///   - end: when the certificate ends, in seconds since 1970-01-01 00:00 UTC; `nil` where the connection has no TLS.
    public init(
        name: String,
        criticality: HealthCriticality = .degrading,
        schedule: HealthSchedule = HealthSchedule(interval: .seconds(300)),
        end: @escaping @Sendable () async throws -> Double?
    ) {
        self.name = name
        self.criticality = criticality
        self.schedule = schedule
        self.end = end
    }

    /// Creates the check for the server of a database's alias: `certificate.<alias>`.
    public init(database alias: String, server: ReservedConnection, deadline: Duration = .milliseconds(500)) {
        let schedule = HealthSchedule(interval: .seconds(300), deadline: deadline)
        self.init(name: "certificate.\(alias)", schedule: schedule) {
            try await server.certificateEnd(timeout: schedule.callTimeout)
        }
    }

    /// Creates the check for the server of a cache's alias: `certificate.cache` for `default`, otherwise `certificate.cache.<alias>`.
    public init(cache alias: String, redis: RedisClient, deadline: Duration = .milliseconds(500)) {
        let schedule = HealthSchedule(interval: .seconds(300), deadline: deadline)
        self.init(name: HealthName.of("certificate.cache", alias), schedule: schedule) {
            try await redis.withConnection { await $0.serverCertificateEnd }
        }
    }

    /// Looks once.
    public func run() async throws -> HealthResult {
        do {
            return self.result(end: try await self.end(), now: WallClock.now)
        } catch let error as PostgresError {
            return error.healthResult()
        } catch let error as RedisError {
            return CacheHealth.result(of: error)
        }
    }

    /// Judges a date, by the calendar: the one check that the time of day decides.
    func result(end: Double?, now: Double) -> HealthResult {
        guard let end else { return .pass([Evidence("tls", false)]) }
        let facts = [
            Evidence("expires", .time(end)),
            Evidence("days_left", .number(((end - now) / 86_400 * 10).rounded() / 10)),
        ]
        if end <= now { return HealthResult(.fail, code: "certificate.expired", facts: facts) }
        if end - now < self.failBefore / .seconds(1) {
            return HealthResult(.fail, code: "certificate.expires_soon", facts: facts)
        }
        if end - now < self.warnBefore / .seconds(1) {
            return HealthResult(.warn, code: "certificate.expires", facts: facts)
        }
        return .pass(facts)
    }
}
