// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Every command of Millwright, in the order of help; the heading it stands under is the command's own `kind`.
enum Commands {
    static let all: [any ManagementCommand.Type] = [
        // Look
        CacheStats.self,
        HealthCheckCommand.self,
        IndexAdvisorCommand.self,
        IndexAudit.self,
        PoolHealth.self,
        ShowMigrationsCommand.self,
        SlowQueries.self,
        TuneCommand.self,
        VacuumSchedule.self,

        // Act
        ClearSessionsCommand.self,
        IndexBuildCommand.self,
        LoadDataCommand.self,
        MigrateCommand.self,
        SessionFailoverCommand.self,

        // Project
        CheckCommand.self,
        CompletionCommand.self,
        HelpCommand.self,
        SandboxCommand.self,
        SettingsCommand.self,
        VersionCommand.self,
    ]
}
