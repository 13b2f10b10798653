// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightToolkit

extension ToolError {
    /// The same error without the passwords of addresses: an error may quote what somebody typed.
    var scrubbed: ToolError {
        ToolError(
            self.code,
            tried: Redaction.scrubbed(self.tried),
            stopped: Redaction.scrubbed(self.stopped),
            next: Redaction.scrubbed(self.next)
        )
    }
}
