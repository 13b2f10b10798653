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
        let type = try self.names.first.map { name in
            guard let type = context.registry.command(name) else { throw context.registry.unknown(name) }
            return type
        }
        if context.globals.isJSON {
            context.write(HelpDocument(program: context.program, registry: context.registry).document(of: type))
        } else {
            let words = Array(self.names.dropFirst())
            context.stdout.writeLine(type.map { context.help.page(of: $0, words: words) } ?? context.help.overview())
        }
        return .ok
    }
}
