// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCore
import MillwrightToolkit

/// `manage tune`: everything Millwright can see, worst first.
struct TuneCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "tune",
        abstract: "Report everything worth tuning in a database and its caches, worst first.",
        discussion: """
            Looks at indexes, queries, vacuum, locks, connections, sequences, settings and caches. It only reads: every \
            statement is time-limited and waits for no lock. Each finding says what it rests on and what cures it; what \
            a role may not see is unknown, with the GRANT that would show it.

            `--format html --output report.html` writes one page that can be mailed.
            """
    )
    static let kind = CommandKind.look

    func run(in context: CommandContext) async throws -> ExitCode {
        context.doing("looking at the database and the caches")
        let tuning = try await context.toolkit.tune(database: context.globals.database, at: Now.seconds)
        let code = context.finish(tuning.report)
        guard tuning.unreachable.isEmpty else {
            context.stderr.writeLine("Could not look at \(tuning.unreachable.joined(separator: " and ")).")
            return .unavailable
        }
        return code
    }
}
