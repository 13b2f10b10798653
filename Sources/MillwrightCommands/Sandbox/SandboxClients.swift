// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCore
import MillwrightSandbox

/// Becomes psql, connected to the private PostgreSQL.
struct SandboxPsql: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "psql",
        abstract: "Open psql on the private PostgreSQL; what follows -- is psql's."
    )
    static var settingsUse: SettingsUse { .optional }

    @OptionGroup var options: SandboxOptions

    @Option(help: ArgumentHelp("The server: postgres, standby or pgbouncer.", valueName: "name"))
    var server = "postgres"

    @Option(help: ArgumentHelp("Who connects: app, monitor, nobody_role or postgres.", valueName: "role"))
    var role = "app"

    @Argument(help: "What psql is given: -- -c 'SELECT 1'.")
    var arguments: [String] = []

    func run(in context: CommandContext) async throws -> ExitCode {
        try self.options.sandbox(in: context).psql(server: self.server, role: self.role, arguments: self.arguments)
            .become(
                in: context
            )
    }
}

/// Becomes redis-cli, connected to the private Redis.
struct SandboxRedisCLI: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "redis-cli",
        abstract: "Open redis-cli on the private Redis; what follows -- is redis-cli's."
    )
    static var settingsUse: SettingsUse { .optional }

    @OptionGroup var options: SandboxOptions

    @Option(help: ArgumentHelp("The server: redis, redis-replica-1 or sentinel-1.", valueName: "name"))
    var server = "redis"

    @Argument(help: "What redis-cli is given: PING.")
    var arguments: [String] = []

    func run(in context: CommandContext) async throws -> ExitCode {
        try self.options.sandbox(in: context).redisCLI(server: self.server, arguments: self.arguments).become(
            in: context
        )
    }
}

extension SandboxClient {
    /// Becomes the program; a caller that captures the output would be gone with its process, so it gets an error.
    fileprivate func become(in context: CommandContext) throws -> ExitCode {
        guard context.stdout.isDescriptor else {
            throw ToolError(
                .usage,
                tried: "Tried to run \(self.program) in place of this program.",
                stopped: "The command was called from code that waits for its output.",
                next: "Run \(self.program) with the URL that `manage sandbox status` shows."
            )
        }
        context.leaveProcess()
        try self.replaceProcess()
    }
}
