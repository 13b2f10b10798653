// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import Fixtures
import Glibc
import Migrations
import MillwrightCaching
import MillwrightCore
import MillwrightPostgres
import MillwrightRedis
import MillwrightSandbox

/// Any error as the one people see.
enum CommandError {
    /// Returns the error itself where it is one for people, otherwise one that says what we know.
    static func toolError(for error: any Error, running command: String) -> ToolError {
        switch error {
        case let error as ToolError: error
        case let code as MillwrightCore.ExitCode: Self.error(code, command, "It ended with code \(code.rawValue).", "")
        case let error as ValidationError: UsageError.error(error.message, "See `manage help \(command)`.")
        case let error as PostgresError: ServerTrouble.toolError(for: error, running: command)
        case let error as RedisError: ServerTrouble.toolError(for: error, running: command)
        case let error as SandboxError: error.toolError
        case let error as MigrationError: error.toolError
        case let error as LoadError: error.toolError
        case let error as SessionError: SessionTrouble.toolError(for: error, running: command)
        case is CancellationError: Self.error(.notWell, command, "It was cancelled.", "Run it again.")
        default: Self.error(.notWell, command, "\(error)", "Run it with `--traceback` for everything known about it.")
        }
    }

    /// The time of `--timeout` is over.
    static func timedOut(_ command: String, after time: Duration, doing activity: String?) -> ToolError {
        Self.error(
            .unavailable,
            command,
            "It took longer than \(Units.text(time))\(activity.map { " and was \($0)" } ?? "").",
            "Give it more time with `--timeout`."
        )
    }

    /// A signal stopped the command.
    static func stopped(_ command: String, by number: Int32, doing activity: String?) -> ToolError {
        let names: [Int32: String] = [SIGINT: "SIGINT", SIGTERM: "SIGTERM", SIGHUP: "SIGHUP"]
        return Self.error(
            SignalFeed.exitCode(for: number),
            command,
            "It was stopped by \(names[number] ?? "a signal")\(activity.map { " while \($0)" } ?? "").",
            ""
        )
    }

    private static func error(_ code: MillwrightCore.ExitCode, _ command: String, _ stopped: String, _ next: String)
        -> ToolError
    { ToolError(code, tried: "Tried to run `\(command)`.", stopped: stopped, next: next) }
}
