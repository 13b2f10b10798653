// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCore
import MillwrightToolkit

/// Shows every effective value of the settings.
struct SettingsCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "settings",
        abstract: "Show every effective setting, and where it came from.",
        discussion: """
            A key is read from the first of these that has it: --set databases.default.url=…, the environment \
            (MILLWRIGHT_DATABASES_DEFAULT_URL: capitals, with _ for . and -), DATABASE_URL and REDIS_URL for the alias \
            default, the settings file, the default. The file is the one that --settings or MILLWRIGHT_SETTINGS names, \
            otherwise ./millwright.yaml. Passwords are shown as ***. Ends with 78 where the settings are wrong, after \
            showing what is right.
            """
    )
    static var settingsUse: SettingsUse { .optional }

    @Flag(help: "Show which layer won: flag, environment, file or default.")
    var origin = false

    func run(in context: CommandContext) async throws -> ExitCode {
        let listing = SettingsListing(result: context.settingsResult, showsOrigin: self.origin)
        switch context.format {
        case .json: context.write(listing.document)
        case .text: context.stdout.writeLine(listing.text)
        default: _ = context.finish(listing.report)
        }
        return context.settingsResult.problems.isEmpty ? .ok : .settings
    }
}
