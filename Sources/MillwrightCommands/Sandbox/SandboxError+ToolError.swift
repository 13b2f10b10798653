// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightSandbox

extension SandboxError {
    /// The error as the one people see; its log lines hold no secret, because no server is ever told one on its command line.
    var toolError: ToolError {
        ToolError(self.exitCode, tried: self.tried, stopped: self.stopped, next: self.next)
    }

    private var exitCode: MillwrightCore.ExitCode {
        switch self.code {
        case .locked: .tryLater
        case .programMissing, .timedOut, .unknownServer: .unavailable
        default: .notWell
        }
    }
}
