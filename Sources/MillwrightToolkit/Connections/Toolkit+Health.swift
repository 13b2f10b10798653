// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCaching
public import MillwrightHealth
import MillwrightPostgres

extension Toolkit {
    /// The health of the project: every database and cache of the settings, this node, and the host's own checks.
    ///
    /// Nothing runs before the engine is told to.
    public func health(adding checks: [any HealthCheck] = []) throws -> HealthHandler {
        HealthHandler(HealthEngine(try self.healthChecks() + checks), access: self.settings.health.access)
    }

    private func healthChecks() throws -> [any HealthCheck] {
        let health = self.settings.health
        let schedule = HealthSchedule(interval: health.interval, deadline: health.checkTimeout)
        let databases = try self.settings.databases.values.sorted { $0.alias < $1.alias }.map { settings in
            let alias = settings.alias
            return DatabaseHealth(
                alias,
                configuration: PostgresConfiguration(settings),
                pool: try self.database(alias),
                isReplica: settings.isReadOnly,
                schedule: schedule
            )
        }
        let caches = try self.cacheAliases().map { alias in
            CacheHealth(alias, redis: try self.cache(alias.name), schedule: schedule)
        }
        return databases + caches + [MemoryHealth(schedule: schedule), DiskHealth(), LagHealth()]
    }
}

extension HealthSettings {
    /// Who may see details.
    var access: DetailAccess {
        self.showsDetails
            ? .everybody
            : DetailAccess(token: self.token, trustedNetworks: self.trustedNetworks.compactMap { TrustedNetwork($0) })
    }
}
