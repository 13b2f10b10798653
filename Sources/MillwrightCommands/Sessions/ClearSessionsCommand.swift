// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCaching
import MillwrightCore
import MillwrightPostgres
import MillwrightToolkit

/// `clearsessions`: deletes the sessions that have expired.
struct ClearSessionsCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "clearsessions",
        abstract: "Delete expired sessions, in short batches.",
        discussion: """
            Rows that somebody has locked are skipped. It can be stopped at any time: the next run goes on. A second run at the same \
            time ends with 75. --django clears Django's own table instead.
            """
    )
    static var kind: CommandKind { .act }

    @Option(help: ArgumentHelp("The most rows of a batch; fewer where they take longer than 50 ms.", valueName: "rows"))
    var batch = 5_000

    @Option(help: ArgumentHelp("Stop after this long: 60s, 5m.", valueName: "time"), transform: TimeArgument.parse)
    var maxTime: Duration?

    @Flag(help: "Count what would be deleted, and change nothing.")
    var dryRun = false

    @Flag(help: "Clear django_session instead of Millwright's own table.")
    var django = false

    func validate() throws {
        if !(1...100_000).contains(self.batch) { throw ValidationError("A batch has 1 to 100,000 rows.") }
    }

    func run(in context: CommandContext) async throws -> ExitCode {
        let alias = context.settings.sessions?.database ?? context.globals.database
        let sessions = ExpiredSessions(
            self.django ? .django : .millwright,
            batchRows: self.batch,
            maximumTime: self.maxTime
        )
        var configuration = PostgresConfiguration(try context.toolkit.databaseSettings(alias))
        configuration.applicationName = "millwright clearsessions"
        let connection = try await PostgresConnection.connect(configuration)
        let result: Result<Section, any Error>
        do { result = .success(try await self.section(sessions, on: connection, context)) } catch {
            result = .failure(error)
        }
        await connection.close()
        return context.finish(context.report("Expired sessions", sections: [try Self.orNothing(result, self.django)]))
    }

    /// Where there is no table there is nothing to delete: a first deploy runs this before any session.
    private static func orNothing(_ result: Result<Section, any Error>, _ django: Bool) throws -> Section {
        do {
            return try result.get()
        } catch let error as PostgresError where ["42P01", "3F000"].contains(error.sqlState) {
            let next = django ? "Django's `migrate`" : "`manage migrate`"
            return Section(
                "clearsessions",
                title: "Expired sessions",
                facts: [Evidence("table", .text("none yet: \(next) makes it")), Evidence("deleted", .count(0))]
            )
        }
    }

    private func section(
        _ sessions: ExpiredSessions,
        on connection: PostgresConnection,
        _ context: CommandContext
    ) async throws -> Section {
        context.doing("counting expired sessions")
        if self.dryRun {
            let count = try await sessions.count(on: connection)
            return Section(
                "clearsessions",
                title: "Expired sessions",
                facts: [Evidence("expired", .count(count)), Evidence("deleted", .text("none: this was a dry run"))]
            )
        }
        guard try await sessions.takeLock(on: connection) else { throw SessionTrouble.isRunning }
        context.doing("deleting expired sessions")
        let bar = ProgressBar(context)
        defer { bar.finish() }
        let done = try await sessions.run(on: connection) { state in
            let share = state.expired == 0 ? 1 : Double(state.deleted) / Double(state.expired)
            bar.show("deleting", share: share, detail: "\(Units.text(count: state.deleted)) rows")
        }
        return Section(
            "clearsessions",
            title: "Expired sessions",
            facts: [
                Evidence("expired", .count(done.expired)), Evidence("deleted", .count(done.deleted)),
                Evidence("batches", .count(done.batches)),
                Evidence("longest batch", .seconds(done.longestBatch / .seconds(1))),
                Evidence("complete", .flag(done.isComplete)),
            ]
        )
    }
}

/// What keeps session commands from their work, as errors for people.
enum SessionTrouble {
    static let isRunning = ToolError(
        .tryLater,
        tried: "Tried to delete expired sessions as the only one.",
        stopped: "Another run of clearsessions is working on this database.",
        next: "Wait until it has ended; there is nothing to do after it."
    )

    static let notSetUp = ToolError(
        .unavailable,
        tried: "Tried to find the session tables.",
        stopped: "They are missing.",
        next: "Run `manage migrate`."
    )

    static func toolError(for error: SessionError, running command: String) -> ToolError {
        if error.code == .notSetUp { return self.notSetUp }
        return ToolError(
            error.code == .unavailable ? .unavailable : .notWell,
            tried: "Tried to run `\(command)`.",
            stopped: error.description,
            next: "See `manage health_check`."
        )
    }
}
