// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCore
import MillwrightHealth

/// Whose exit codes a command speaks.
enum ExitStyle: String, Sendable, CaseIterable, ExpressibleByArgument {
    /// The table of all commands: 0, 1, 64, 69, 78.
    case sysexits
    /// Monitoring plugins: 0 ok, 1 warning, 2 critical, 3 unknown.
    case nagios
    /// Docker's HEALTHCHECK: 0 or 1; it keeps 2 for itself.
    case docker

    /// The code of what was seen.
    func code(of status: HealthStatus, failOn threshold: HealthThreshold) -> ExitCode {
        switch self {
        case .nagios: ExitCode(rawValue: status == .pass ? 0 : status == .warn ? 1 : 2)
        case .sysexits, .docker: status >= threshold.status ? .notWell : .ok
        }
    }

    /// The code of what could not be seen.
    func code(ofError code: ExitCode) -> ExitCode {
        switch self {
        case .sysexits: code
        case .nagios: code == .ok ? code : ExitCode(rawValue: 3)
        case .docker: code == .ok ? code : .notWell
        }
    }
}

/// From which status on a command fails.
enum HealthThreshold: String, Sendable, CaseIterable, ExpressibleByArgument {
    case warn
    case fail

    var status: HealthStatus { self == .warn ? .warn : .fail }
}
