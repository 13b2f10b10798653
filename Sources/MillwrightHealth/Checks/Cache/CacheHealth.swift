// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCaching
public import MillwrightCore
public import MillwrightRedis

/// Whether a cache alias stores what it is given: a key of its own is set, read back and compared.
///
/// Reading alone would be green on a replica, on a full server and on one that cannot save.
public struct CacheHealth: TunableHealthCheck {
    /// None.
    public static let thresholds: [Threshold<CacheHealth>] = []

    /// The check's name: `cache` for the alias `default`, otherwise `cache.<alias>`.
    public let name: String
    /// What its failure means.
    public var criticality: HealthCriticality
    /// How often it runs.
    public var schedule: HealthSchedule
    private let layout: KeyLayout
    private let redis: any RedisSending

    /// Creates the check; degrading, because all nodes share the server.
    public init(
        _ alias: CacheAlias,
        redis: any RedisSending,
        criticality: HealthCriticality = .degrading,
        schedule: HealthSchedule = HealthSchedule()
    ) {
        self.name = HealthName.of("cache", alias.name)
        self.layout = KeyLayout(alias)
        self.redis = redis
        self.criticality = criticality
        self.schedule = schedule
    }

    /// Looks once.
    public func run() async throws -> HealthResult {
        let token = String(UInt64.random(in: .min ... .max), radix: 36)
        let key = self.layout.stored("millwright_health:\(token)")
        do {
            // The key is unique, so two nodes never judge each other's value, and it expires, so a crash leaves nothing.
            let timeout = self.schedule.callTimeout
            let answers = try await timed(timeout, late: RedisError(.timedOut)) { [redis] in
                try await redis.pipeline(
                    [RedisCommand("SET", key, token, "PX", 10_000), RedisCommand("GET", key)],
                    timeout: timeout
                )
            }
            for case .error(let error) in answers { throw error }
            guard try answers[1].decode(as: String?.self) == token else {
                return HealthResult(.fail, code: "redis.wrong_value")
            }
            return .pass()
        } catch let error as RedisError {
            return Self.result(of: error)
        }
    }

    /// A full pool of our own is not a server that is down.
    static func result(of error: RedisError) -> HealthResult {
        error.code == .poolExhausted
            ? HealthResult(.warn, code: "redis.busy") : HealthResult(.fail, code: "redis.\(error.code.label)")
    }
}
