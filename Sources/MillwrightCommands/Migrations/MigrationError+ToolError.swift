// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Migrations
import MillwrightCore

extension MigrationError {
    /// The error as the one people see.
    var toolError: ToolError {
        ToolError(self.exitCode, tried: self.tried, stopped: self.stopped.joined(separator: " "), next: self.next)
    }
}
