// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightToolkit

/// Errors as text for people and as a document for programs.
enum ErrorText {
    /// What we tried, what stopped it, what to do next, each on its line; with `traceback`, everything known.
    static func text(_ error: ToolError, traceback: (any Error)?, color: Bool) -> String {
        let label = color ? "\u{1B}[1;31mError:\u{1B}[0m" : "Error:"
        let lines = [error.tried, error.stopped, error.next].filter { !$0.isEmpty }
        let details = traceback.map { ["", Redaction.scrubbed("\(type(of: $0)): \(String(reflecting: $0))")] } ?? []
        return "\(label) " + (lines + details).joined(separator: "\n")
    }

    /// An error that does not keep the command from running.
    static func warning(_ error: ToolError) -> String { "Warning: \(error.stopped)" }

    /// The result could not be written.
    static func unwritable(_ number: Int32) -> ToolError {
        ToolError(
            .notWell,
            tried: "Tried to write the result to stdout.",
            stopped: "\(SystemError.text(number)).",
            next: "Check where stdout goes and whether there is space."
        )
    }
}
