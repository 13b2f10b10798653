// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// An alias that the settings do not name, and what to do about it.
struct UnknownAlias {
    var alias: String
    var kind: String
    var key: String
    var variable: String
    var known: [String]

    /// The error people see.
    var error: ToolError {
        ToolError(
            .settings,
            tried: "Tried to use the \(self.kind) `\(self.alias)`.",
            stopped: self.known.isEmpty
                ? "The settings name no \(self.kind)."
                : "The settings name only: \(self.known.joined(separator: ", ")).",
            next: self.next
        )
    }

    private var next: String {
        if let guess = nearest(self.alias, in: self.known) { return "Did you mean `\(guess)`?" }
        return "Write `\(self.key)` in millwright.yaml, or set \(self.variable)."
    }
}
