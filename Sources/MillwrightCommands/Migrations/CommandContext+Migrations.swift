// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Migrations
import MillwrightPostgres
import MillwrightToolkit

extension CommandContext {
    /// What migrates the database that `--database` names: Millwright's own schema, then the apps with a folder of
    /// migrations, in the order they were registered.
    func migrationRunner() throws -> MigrationRunner {
        let settings = try self.toolkit.databaseSettings(self.globals.database)
        let apps = try self.registry.apps.compactMap { app in
            try app.migrationsFolder.map { try MigrationApp(label: app.label, folder: $0) }
        }
        return MigrationRunner(PostgresConfiguration(settings), hostApps: apps)
    }
}
