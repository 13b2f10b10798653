// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCore
import MillwrightSandbox

/// Starts private servers.
struct SandboxStart: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start what does not run yet; a second start is quick."
    )
    static var settingsUse: SettingsUse { .optional }

    @OptionGroup var options: SandboxOptions

    @Flag(help: "Run a streaming standby of PostgreSQL, too.")
    var standby = false

    @Flag(help: "Run PgBouncer in front of PostgreSQL, in transaction mode.")
    var pgbouncer = false

    @Flag(help: "Run three Redis Sentinels, and a replica for them to promote.")
    var sentinels = false

    @Option(
        help: ArgumentHelp("Let PostgreSQL listen on this loopback port, too; 0 takes a free one.", valueName: "port")
    )
    var port: Int?

    @Option(help: ArgumentHelp("Let Redis listen on this loopback port, too; 0 takes a free one.", valueName: "port"))
    var redisPort: Int?

    @Flag(help: "Do not wait for the disk: faster, and a power cut may cost the data.")
    var fast = false

    @Flag(help: "Write only the lines a shell needs: eval \"$(manage sandbox start --exports)\".")
    var exports = false

    func run(in context: CommandContext) async throws -> ExitCode {
        context.doing("starting private servers in \(self.options.folder(in: context))")
        let state = try await self.options.sandbox(in: context).start(self.plan)
        SandboxListing(folder: self.options.folder(in: context), state: state).write(
            to: context,
            exportsOnly: self.exports
        )
        return .ok
    }

    /// What the options ask for.
    var plan: SandboxPlan {
        var plan = SandboxPlan()
        plan.standby = self.standby
        plan.pgbouncer = self.pgbouncer
        plan.sentinels = self.sentinels ? 3 : 0
        plan.redisReplicas = self.sentinels ? 1 : 0
        plan.postgresPort = self.port
        plan.redisPort = self.redisPort
        plan.isDurable = !self.fast
        return plan
    }

    func validate() throws {
        for port in [self.port, self.redisPort].compactMap({ $0 }) where !(0...65_535).contains(port) {
            throw ValidationError("\(port) is no port; write 0 to 65535.")
        }
    }
}
