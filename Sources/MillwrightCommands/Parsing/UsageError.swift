// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// The errors of the command line itself, each exit 64.
enum UsageError {
    static func unknownOption(_ argument: String, known: [String], see help: String) -> ToolError {
        let name = String(argument.prefix { $0 != "=" })
        let guess = name.hasPrefix("--") ? nearest(name, in: known.filter { $0.hasPrefix("--") }) : nil
        return Self.error("There is no option `\(name)`.", guess.map { "Did you mean `\($0)`?" } ?? "See `\(help)`.")
    }

    static func missingValue(_ name: String, _ placeholder: String) -> ToolError {
        Self.error("The option `\(name)` needs a value.", "Write `\(name) <\(placeholder)>`.")
    }

    static func needlessValue(_ name: String) -> ToolError {
        Self.error("The option `\(name)` takes no value.", "Write `\(name)` alone.")
    }

    static func wrongValue(_ name: String, _ value: String, _ fault: String) -> ToolError {
        let advice = fault.prefix(1).uppercased() + fault.dropFirst() + (fault.hasSuffix("?") ? "" : ".")
        return Self.error("The option `\(name)` does not take `\(value)`.", advice)
    }

    static func error(_ stopped: String, _ next: String) -> ToolError {
        ToolError(.usage, tried: "Tried to read the command line.", stopped: stopped, next: next)
    }
}
