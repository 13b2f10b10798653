// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCore

/// Writes the completion script of a shell; opens no connection and reads no settings.
struct CompletionCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Write the completion script for bash, zsh or fish.",
        discussion: """
            bash: source <(manage completion bash)
            zsh:  manage completion zsh > "${fpath[1]}/_manage"
            fish: manage completion fish > ~/.config/fish/completions/manage.fish
            """
    )
    static var settingsUse: SettingsUse { .unused }

    @Argument(help: "The shell: bash, zsh or fish.")
    var shell: CompletionScript.Shell

    func run(in context: CommandContext) async throws -> ExitCode {
        let script = CompletionScript(program: context.program, registry: context.registry)
        let text = script.text(for: self.shell)
        if context.globals.isJSON {
            context.write(["shell": .string(self.shell.rawValue), "script": .string(text)])
        } else {
            context.stdout.writeLine(text)
        }
        return .ok
    }
}

extension CompletionScript.Shell: ExpressibleByArgument {}
