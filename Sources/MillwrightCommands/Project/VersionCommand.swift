// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCore

/// Shows the version.
struct VersionCommand: ManagementCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Show the version.")
    static var settingsUse: SettingsUse { .optional }

    func run(in context: CommandContext) async throws -> ExitCode {
        if context.globals.isJSON {
            context.write(Version.document)
        } else {
            context.stdout.writeLine(Version.current)
        }
        return .ok
    }
}
