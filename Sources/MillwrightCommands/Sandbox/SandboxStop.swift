// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCore
import MillwrightSandbox

/// Stops private servers.
struct SandboxStop: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop all of them; their data stays for the next start."
    )
    static var settingsUse: SettingsUse { .optional }

    @OptionGroup var options: SandboxOptions

    @Flag(help: "Remove the folder with all data, too.")
    var remove = false

    func run(in context: CommandContext) async throws -> ExitCode {
        let sandbox = self.options.sandbox(in: context)
        if self.remove {
            try context.confirm("Remove the sandbox in \(self.options.folder(in: context)) with all its data?")
            context.doing("removing the sandbox in \(self.options.folder(in: context))")
            try await sandbox.remove()
        } else {
            context.doing("stopping private servers in \(self.options.folder(in: context))")
            try await sandbox.stop()
        }
        let listing = SandboxListing(folder: self.options.folder(in: context), state: try await sandbox.status())
        listing.write(to: context, exportsOnly: false)
        return .ok
    }
}
