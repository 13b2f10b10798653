// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCore
import MillwrightSandbox
import MillwrightToolkit

/// Runs private servers; without a part it shows them.
struct SandboxCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "Run a private PostgreSQL and a private Redis.",
        discussion: """
            The servers are made from the installed programs, in a folder of their own. They listen on Unix sockets, never \
            run as root, and go on after the command has ended, until `manage sandbox stop`.
            """,
        subcommands: [
            SandboxStart.self, SandboxStop.self, SandboxStatus.self, SandboxPsql.self, SandboxRedisCLI.self,
        ],
        defaultSubcommand: SandboxStatus.self
    )
    static var settingsUse: SettingsUse { .optional }

    func run(in context: CommandContext) async throws -> ExitCode { try await SandboxStatus().run(in: context) }
}

/// Which sandbox is meant: the option that all its parts have.
struct SandboxOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder of the sandbox (default: `sandbox.folder` of the settings).",
            valueName: "folder"
        ),
        completion: .directory
    )
    var folder: String?

    /// The folder, by flag or settings.
    func folder(in context: CommandContext) -> String { self.folder ?? context.settings.sandboxFolder }

    func sandbox(in context: CommandContext) -> Sandbox { Sandbox(folder: self.folder(in: context)) }
}
