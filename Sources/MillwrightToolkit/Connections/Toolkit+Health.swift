// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import Logging
import MillwrightCaching
import MillwrightCore
public import MillwrightHealth
import MillwrightIO
import MillwrightPostgres
import MillwrightRedis
import Synchronization

extension Toolkit {
    /// The health of the project: every database and cache of the settings, this node, and the host's own checks.
    ///
    /// Nothing runs before the engine is told to.
    ///
    /// ```swift
    /// import MillwrightHealth
    ///
    /// let toolkit = Toolkit(settings: Settings())
    /// let health = try toolkit.health(adding: [HostHealth("printer") { .pass() }])
    /// ```
    /// - Parameters:
    ///   - checks: the host's own; the settings can tune them by their names, and groups can name them.
    ///   - logger: told at `info` when the status or its reasons change.
    /// - Throws: `ToolError` with the exit code 78, which names every check, group or status that is wrong.
    public func health(adding checks: [any HealthCheck] = [], logger: Logger? = nil) throws -> HealthHandler {
        let health = self.settings.health
        do {
            let all = try health.tuned(try self.healthChecks() + checks)
            let engine = try HealthEngine(all, groups: health.groups, logger: logger)
            return HealthHandler(engine, access: health.access, codes: health.statusCodes, rules: health.rules)
        } catch let error as HealthSetupError {
            throw ToolError.wrongHealth(error.description)
        } catch let error as ThresholdError {
            throw ToolError.wrongHealth(error.description)
        }
    }

    /// The checks of everything that the settings name, in the order of the answer: one line a check.
    private func healthChecks() throws -> [any HealthCheck] {
        let schedule = self.settings.health.schedule
        let databases = self.settings.databases.values.sorted { $0.alias < $1.alias }
        let loop = EventLoop.shared
        return try databases.flatMap { try self.healthChecks(of: $0, schedule) }
            + self.cacheAliases().flatMap { try self.healthChecks(of: $0, schedule) } + self.sessionHealth(schedule) + [
                MemoryHealth(schedule: schedule),
                DiskHealth(),
                LoadHealth(),
                DescriptorHealth(),
                LagHealth(),
                LagHealth(name: "driver_loop") { await Task(executorPreference: loop) {}.value },
            ]
    }

    /// Of a process that serves sessions; one that only looks has no standing to speak of.
    private func sessionHealth(_ schedule: HealthSchedule) -> [any HealthCheck] {
        guard let store = self.openedSessions.withLock({ $0?.store }) else { return [] }
        return [SessionHealth(schedule: schedule) { store.standing }]
    }

    private func healthChecks(of alias: CacheAlias, _ schedule: HealthSchedule) throws -> [any HealthCheck] {
        let redis = try self.cache(alias.name)
        return [CacheHealth(alias, redis: redis, schedule: schedule)]
            + (redis.configuration.tls == nil
                ? [] : [CertificateHealth(cache: alias.name, redis: redis, deadline: schedule.deadline)])
    }

    private func healthChecks(of settings: DatabaseSettings, _ schedule: HealthSchedule) throws -> [any HealthCheck] {
        let alias = settings.alias
        let server = ReservedConnection(PostgresConfiguration(settings))
        let bouncer = settings.pgBouncer.map { ReservedConnection(PostgresConfiguration($0.reveal())) }
        return [
            DatabaseHealth(alias, server: server, isReplica: settings.isReadOnly, schedule: schedule),
            DatabasePoolHealth(alias, pool: try self.database(alias), schedule: schedule),
            TransactionIDHealth(alias, server: server, schedule: schedule.every(.seconds(60))),
        ]
            + (bouncer.map { [PgBouncerHealth(alias, console: $0, schedule: schedule)] } ?? [])
            + (settings.usesTLS
                ? [CertificateHealth(database: alias, server: server, deadline: schedule.deadline)] : [])
    }
}

extension HealthSettings {
    /// How often a check runs that says nothing else.
    var schedule: HealthSchedule { HealthSchedule(interval: self.interval, deadline: self.checkTimeout) }

    /// What load balancers are told.
    var rules: BalancerRules {
        BalancerRules(drainMode: self.drainMode, balancers: self.balancers.compactMap { TrustedNetwork($0) })
    }

    /// Who may see details.
    var access: DetailAccess {
        self.showsDetails
            ? .everybody
            : DetailAccess(
                token: self.token,
                trustedNetworks: self.trustedNetworks.compactMap { TrustedNetwork($0) },
                trustedProxies: self.trustedProxies.compactMap { TrustedNetwork($0) }
            )
    }

    /// The checks with what the settings say of them; a name that no check has is an error.
    func tuned(_ checks: [any HealthCheck]) throws -> [any HealthCheck] {
        let names = checks.map(\.name)
        if let unknown = self.checks.keys.sorted().first(where: { !names.contains($0) }) {
            throw ThresholdError(check: unknown, known: names)
        }
        return try checks.map { check in
            guard let values = self.checks[check.name] else { return check }
            guard let check = check as? any TunableHealthCheck else {
                throw HealthSetupError(problems: ["The health check `\(check.name)` takes nothing from the settings."])
            }
            return try check.tuned(by: values)
        }
    }
}

extension HealthSchedule {
    /// The same, at another pace.
    fileprivate func every(_ interval: Duration) -> HealthSchedule {
        HealthSchedule(interval: interval, deadline: self.deadline)
    }
}

extension ToolError {
    fileprivate static func wrongHealth(_ stopped: String) -> ToolError {
        ToolError(
            .settings,
            tried: "Tried to set up the health checks.",
            stopped: stopped,
            next: "Correct `health` in the settings; `manage health_check --detailed` shows the names."
        )
    }
}
