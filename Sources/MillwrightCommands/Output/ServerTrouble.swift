// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightRedis

/// What the drivers throw, as errors for people: which code the command ends with and what to do next.
enum ServerTrouble {
    /// PostgreSQL would not.
    static func toolError(for error: PostgresError, running command: String) -> ToolError {
        let (code, next) = Self.advice(on: error)
        return ToolError(code, tried: "Tried to run `\(command)`.", stopped: error.description, next: next)
    }

    /// Redis would not.
    static func toolError(for error: RedisError, running command: String) -> ToolError {
        let isAbsent = error.isOutage || [.poolExhausted, .noPermission, .closed].contains(error.code)
        let next =
            switch error.code {
            case .noAuthentication, .wrongPassword: "Check user and password in `caches.<alias>.location`."
            case .noPermission: "Give the user the command: `ACL SETUSER <user> +<command>`."
            case _ where isAbsent: "Check that the server runs and that `caches.<alias>.location` names it."
            default: "Run it with `--traceback` for everything known about it."
            }
        return ToolError(
            isAbsent ? .unavailable : .notWell,
            tried: "Tried to run `\(command)`.",
            stopped: error.description,
            next: next
        )
    }

    private static func advice(on error: PostgresError) -> (ExitCode, String) {
        switch error.sqlState {
        case "28P01", "28000": return (.unavailable, "Check user and password in `databases.<alias>.url`.")
        case "3D000": return (.unavailable, "Create the database, or correct `databases.<alias>.url`.")
        case "42501": return (.unavailable, "Run it as a role that has the permission, or grant it.")
        case "55P03": return (.tryLater, "Run it again when the other session has released its lock.")
        case let state? where ["08", "53", "57"].contains(state.prefix(2)) && state != "57014":
            return (.unavailable, "Look into the server's log, and run it again.")
        default: break
        }
        switch error.code {
        case .connectionFailed, .connectionLost, .timedOut, .closed, .breakerOpen:
            return (.unavailable, "Check that the server runs and that `databases.<alias>.url` names it.")
        case .poolExhausted: return (.unavailable, "Raise `databases.<alias>.max_connections`, or run less at once.")
        default: return (.notWell, "Run it with `--traceback` for everything known about it.")
        }
    }
}
