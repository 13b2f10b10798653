// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightCore

extension CommandContext {
    /// Asks before something that cannot be undone; returns where it is confirmed, otherwise throws.
    ///
    /// `--no-input` confirms. Without a terminal nobody can be asked: the command ends with 64 and names the flag.
    public func confirm(_ question: String) throws {
        if self.globals.noInput { return }
        guard isatty(0) == 1, !self.globals.isJSON else {
            throw UsageError.error(
                "`\(self.command)` cannot be undone, and there is no terminal to ask: \(question)",
                "Confirm with `--no-input`."
            )
        }
        self.stderr.write("\(question) [y/N] ")
        self.stderr.flush()
        guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
            throw ToolError(
                .notWell,
                tried: "Asked before going on.",
                stopped: "The answer was no.",
                next: "Nothing was changed."
            )
        }
    }
}
