// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import Logging
import Migrations
public import MillwrightHealth
import MillwrightPostgres
import MillwrightToolkit

extension CommandContext {
    /// The health of the project with its migrations: what `health_check` looks at, and what a server mounts.
    ///
    /// - Parameters:
    ///   - checks: the host's own checks.
    ///   - logger: told at `info` when the status or its reasons change.
    public func health(adding checks: [any HealthCheck] = [], logger: Logger? = nil) throws -> HealthHandler {
        try self.toolkit.health(adding: try self.migrationChecks() + checks, logger: logger)
    }

    /// One for the database that `--database` names, where the settings have it.
    private func migrationChecks() throws -> [any HealthCheck] {
        let alias = self.globals.database
        guard let settings = self.settings.databases[alias], !settings.isReadOnly else { return [] }
        var runner = try self.migrationRunner()
        let isExpected = runner.apps.count > 1
        let schedule = HealthSchedule(interval: .seconds(30), deadline: self.settings.health.checkTimeout)
        runner.configuration.connectTimeout = min(runner.configuration.connectTimeout, schedule.callTimeout)
        runner.configuration.statementTimeout = min(runner.configuration.statementTimeout, schedule.callTimeout)
        runner.configuration.cancelGrace = .milliseconds(20)
        return [
            MigrationHealth(alias, isExpected: isExpected, schedule: schedule) { [runner] in
                MigrationHealth.Counts(try await runner.status())
            }
        ]
    }
}

extension MigrationHealth.Counts {
    fileprivate init(_ list: [MigrationStatus]) {
        func count(_ state: MigrationStatus.State) -> Int { list.count { $0.state == state } }
        self.init(applied: count(.applied), pending: count(.pending), changed: count(.changed))
    }
}
