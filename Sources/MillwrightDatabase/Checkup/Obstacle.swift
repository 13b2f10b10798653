// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

/// Why a check could not look: an error of the server turned into the verdict *unknown*, with what would cure it.
struct Obstacle: Error, Hashable {
    var reason: String
    var cure: String?

    var verdict: Verdict { .unknown(reason: self.reason, cure: self.cure) }

    init(_ reason: String, cure: String? = nil) {
        self.reason = reason
        self.cure = cure
    }

    /// Reads an error that stopped a check.
    init(_ error: any Error, role: String, limits: Inspection.Limits) {
        if let error = error as? PostgresError, error.code == .decodingFailed {
            self.init("\(error) That is a fault of this check.")
            return
        }
        guard let error = error as? PostgresError, let state = error.sqlState else {
            self.init("The connection to the server failed before the check was done.", cure: nil)
            return
        }
        switch state {
        case "42501":
            self = .privilege("pg_monitor", for: role, toSee: "what this check reads")
        case "42P01", "42883", "42703", "3F000":
            self.init("A relation, function or column that this check reads does not exist on this server.")
        case "55000":
            self.init(
                "A library that this check reads is not loaded.",
                cure: "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'; -- then restart the server"
            )
        case "57014":
            let seconds = limits.statementTimeout.seconds
            self.init("The check was stopped after \(seconds) s, so that it does not become a load itself.")
        case "55P03":
            self.init(
                "Another session holds a lock that this check would have had to wait for.",
                cure: "Ask again later."
            )
        case "53300", "57P01", "57P02", "57P03":
            self.init("The server is stopping, starting, or out of connections.", cure: "Ask again later.")
        default:
            self.init("The server refused a statement of this check (SQLSTATE \(state)).")
        }
    }

    /// The role may not see enough.
    static func privilege(_ grant: String, for role: String, toSee what: String) -> Obstacle {
        Obstacle("The role \(role) may not see \(what).", cure: "GRANT \(grant) TO \(quoted(role));")
    }
}
