// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCore
import MillwrightSandbox

/// Shows private servers.
struct SandboxStatus: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show them; ends with 1 unless all of them run."
    )
    static var settingsUse: SettingsUse { .optional }

    @OptionGroup var options: SandboxOptions

    @Flag(help: "Write only the lines a shell needs: eval \"$(manage sandbox status --exports)\".")
    var exports = false

    func run(in context: CommandContext) async throws -> ExitCode {
        let state = try await self.options.sandbox(in: context).status()
        SandboxListing(folder: self.options.folder(in: context), state: state).write(
            to: context,
            exportsOnly: self.exports
        )
        return !state.servers.isEmpty && state.servers.allSatisfy(\.isRunning) ? .ok : .notWell
    }
}
