// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCore
import MillwrightToolkit

/// Runs the system checks.
struct CheckCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the project: settings, secrets, commands.",
        discussion: """
            Checks that connect run only with --database, --cache, or when their tag is asked for. Ends with 1 for \
            findings at or above --fail-level (error, where it is not given), with 78 where the settings are wrong.
            """
    )
    static var settingsUse: SettingsUse { .optional }

    @Option(name: .customLong("tag"), help: "Run only the checks with this tag; may be repeated.")
    var tags: [String] = []

    @Flag(help: "Run the checks for deployment, too.")
    var deploy = false

    @Flag(help: "Show the tags and end.")
    var listTags = false

    func run(in context: CommandContext) async throws -> ExitCode {
        let known = Set(context.registry.checks.flatMap { type(of: $0).tags }).sorted()
        if self.listTags {
            context.stdout.writeLine(known.map(\.rawValue).joined(separator: "\n"))
            return .ok
        }
        let selection = try self.selection(in: context, known: known.map(\.rawValue))
        let outcomes = await SystemCheckRun(selection: selection).outcomes(in: context)
        // A server that was not waited for is not down.
        try Task.checkCancellation()
        let section = Section("checks", title: "System checks", outcomes: outcomes)
        let report = Report(command: "check", title: "System checks", createdAt: Now.seconds, sections: [section])
        let code = context.finish(report)
        return context.settingsResult.problems.isEmpty ? code : .settings
    }

    private func selection(in context: CommandContext, known: [String]) throws -> CheckSelection {
        for tag in self.tags where !known.contains(tag) {
            let guess = nearest(tag, in: known).map { "Did you mean `\($0)`?" }
            throw UsageError.error(
                "No check has the tag `\(tag)`.",
                guess ?? "Known: \(known.joined(separator: ", "))."
            )
        }
        return CheckSelection(
            tags: Set(self.tags.map(CheckTag.init(rawValue:))),
            isDeploy: self.deploy,
            connecting: Set(
                (context.globals.databaseAlias == nil ? [] : [.database])
                    + (context.globals.cacheAlias == nil ? [] : [.caches])
            )
        )
    }
}
