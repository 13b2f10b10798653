// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCore

/// Shows what there is, or what one command does.
struct HelpCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "help",
        abstract: "Show all commands, or what one of them does."
    )
    static var settingsUse: SettingsUse { .optional }

    @Argument(help: "The command to explain, and its part where it has parts.")
    var names: [String] = []

    func run(in context: CommandContext) async throws -> ExitCode {
        guard let name = self.names.first else {
            context.stdout.writeLine(context.help.overview())
            return .ok
        }
        guard let type = context.registry.command(name) else { throw context.registry.unknown(name) }
        context.stdout.writeLine(context.help.page(of: type, words: Array(self.names.dropFirst())))
        return .ok
    }
}
