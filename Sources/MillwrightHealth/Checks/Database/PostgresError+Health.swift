// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

extension PostgresError {
    /// A failure with a fixed word: the error's text may hold a host name or a password.
    func healthResult(_ facts: [Evidence] = []) -> HealthResult {
        HealthResult(.fail, code: "postgres.\(self.healthWord)", facts: facts)
    }

    /// A fixed word, by the SQLSTATE class where the server sent one.
    var healthWord: String {
        switch self.sqlState {
        case "57P03"?: return self.isShuttingDown ? "shutting_down" : "starting"
        case "57P01"?, "57P02"?: return "shutting_down"
        case "53300"?: return "saturated"
        case "53100"?, "53200"?: return "out_of_resources"
        case "25006"?: return "read_only"
        case "3D000"?: return "no_database"
        case "42501"?: return "no_permission"
        case "57014"?: return "timeout"
        case let state? where state.hasPrefix("28"): return "authentication"
        case let state? where state.hasPrefix("08"): return "unreachable"
        default: break
        }
        switch self.code {
        case .timedOut: return "timeout"
        case .connectionFailed, .connectionLost, .closed, .breakerOpen: return "unreachable"
        case .poolExhausted: return "pool_busy"
        default: return "error"
        }
    }

    /// A server that starts and one that stops refuse with the same SQLSTATE; only the words differ.
    private var isShuttingDown: Bool { self.serverMessage?.contains("shutting down") ?? false }
}
