// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Fixtures
import MillwrightCore

extension LoadError {
    /// The error as the one people see.
    var toolError: ToolError {
        ToolError(self.exitCode, tried: "Tried to use the ERP fixture.", stopped: self.stopped, next: self.next)
    }
}
