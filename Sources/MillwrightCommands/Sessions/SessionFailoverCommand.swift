// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCaching
import MillwrightCore
import MillwrightPostgres
import MillwrightToolkit

/// Shows whether sessions are read from Redis or from PostgreSQL, and lets an operator decide.
struct SessionFailoverCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "session_failover",
        abstract: "Show and steer where sessions are read: Redis, or PostgreSQL.",
        discussion: """
            Without a part it shows the status. PostgreSQL holds the truth at any time; these commands decide whether the copy in \
            Redis is read. Documentation/sessions.md says how nodes agree about it.
            """,
        subcommands: [FailoverStatus.self, FailoverHistory.self, FailoverForce.self, FailoverDrill.self],
        defaultSubcommand: FailoverStatus.self
    )
    static var kind: CommandKind { .act }

    func run(in context: CommandContext) async throws -> ExitCode { try await FailoverStatus().run(in: context) }
}

extension CommandContext {
    /// The console of the sessions that the settings name.
    func failoverConsole() throws -> (console: FailoverConsole, alias: String) {
        let settings = try self.toolkit.sessionSettings()
        let database = try self.toolkit.database(settings.database)
        return (FailoverConsole(database, alias: settings.cacheAlias), settings.cacheAlias)
    }

    /// The status, or an error that says that there is none.
    func failoverStatus(_ console: FailoverConsole) async throws -> FailoverConsole.Status {
        if let status = try await console.status() { return status }
        throw ToolError(
            .unavailable,
            tried: "Tried to see how the sessions stand.",
            stopped: "No process has served sessions from this database yet.",
            next: "Start the application, and look again."
        )
    }
}

/// `session_failover status`.
struct FailoverStatus: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show where sessions are read, and by whom."
    )

    func run(in context: CommandContext) async throws -> ExitCode {
        context.doing("looking at the session failover")
        let (console, alias) = try context.failoverConsole()
        let status = try await context.failoverStatus(console)
        return context.finish(
            context.report("Session failover", sections: [status.section(alias: alias, at: Now.seconds)])
        )
    }
}

/// `session_failover history`.
struct FailoverHistory: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Show what became of the trust in Redis, and why."
    )

    @Option(help: ArgumentHelp("How many changes to show, the latest first.", valueName: "count"))
    var limit = 50

    func validate() throws {
        if !(1...10_000).contains(self.limit) { throw ValidationError("The limit is 1 to 10,000 changes.") }
    }

    func run(in context: CommandContext) async throws -> ExitCode {
        context.doing("reading the history of the session failover")
        let (console, _) = try context.failoverConsole()
        let events = try await console.history(limit: self.limit)
        return context.finish(context.report("Session failover", sections: [failoverHistorySection(events)]))
    }
}

/// `session_failover force redis|database|auto`.
struct FailoverForce: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "force",
        abstract: "Decide where sessions are read: redis, database, or auto.",
        discussion: """
            `database` takes Redis out of use, and returns when no node reads from it. `redis` puts it back as soon as one node \
            reaches it, without waiting for the others; it is still not trusted with what it missed. `auto` lets the nodes decide.
            """
    )

    @Argument(help: "redis, database or auto.")
    var mode: String

    func validate() throws {
        guard SessionTrust.Mode(rawValue: self.mode) != nil else {
            throw ValidationError("`\(self.mode)` is none of: redis, database, auto.")
        }
    }

    func run(in context: CommandContext) async throws -> ExitCode {
        context.doing("forcing \(self.mode)")
        let (console, alias) = try context.failoverConsole()
        // Where no node has ever run there is nothing to decide about, and no row to write it in.
        _ = try await context.failoverStatus(console)
        _ = try await console.force(SessionTrust.Mode(rawValue: self.mode) ?? .auto)
        let status = try await context.failoverStatus(console)
        var section = status.section(alias: alias, at: Now.seconds)
        section.outcomes = []
        return context.finish(context.report("Session failover", sections: [section]))
    }
}
