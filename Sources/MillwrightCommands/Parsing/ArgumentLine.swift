// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// The first phase of parsing: takes the global options out, finds the command's name, leaves the rest to the command.
struct ArgumentLine: Sendable, Hashable {
    /// The global options.
    var globals = GlobalOptions()
    /// The command's name; `nil` where none was given.
    var command: String?
    /// What the command's own parser gets.
    var tail: [String] = []

    /// Reads a line.
    ///
    /// A global option is taken wherever it stands before `--`. Before the name only global options may stand; after it,
    /// whatever is not global is the command's.
    init(_ arguments: [String]) throws(ToolError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                self.takeVerbatim(rest)
                return
            }
            if try self.takeGlobal(argument, &rest) { continue }
            if self.command != nil {
                self.tail.append(argument)
            } else if argument.hasPrefix("-"), argument != "-" {
                throw UsageError.unknownOption(argument, known: GlobalOption.allNames, see: "manage --help")
            } else {
                self.command = argument
            }
        }
    }

    /// After `--` everything is the command's; where no name was given yet, the first word is it.
    private mutating func takeVerbatim(_ rest: ArraySlice<String>) {
        if self.command == nil {
            self.command = rest.first
            self.tail = Array(rest.dropFirst())
        } else {
            self.tail += ["--"] + rest
        }
    }

    /// Takes `--name value`, `--name=value`, `-v 2`, `-v2` or `-q`; answers whether the argument was global.
    private mutating func takeGlobal(_ argument: String, _ rest: inout ArraySlice<String>) throws(ToolError) -> Bool {
        let (name, attached) = Self.parts(of: argument)
        guard let option = GlobalOption.byName[name] else { return false }
        guard let placeholder = option.value else {
            if attached != nil { throw UsageError.needlessValue(name) }
            _ = option.apply(&self.globals, "")
            return true
        }
        let value = attached ?? Self.next(&rest)
        guard let value else { throw UsageError.missingValue(name, placeholder) }
        if let fault = option.apply(&self.globals, value) { throw UsageError.wrongValue(name, value, fault) }
        return true
    }

    /// Splits `--name=value` and `-v2`.
    private static func parts(of argument: String) -> (name: String, value: String?) {
        if argument.hasPrefix("--") {
            guard let equals = argument.firstIndex(of: "=") else { return (argument, nil) }
            return (String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
        }
        guard argument.hasPrefix("-v"), argument.count > 2 else { return (argument, nil) }
        let value = argument.dropFirst(2)
        return ("-v", String(value.hasPrefix("=") ? value.dropFirst() : value))
    }

    /// The next argument as a value; another option is none.
    private static func next(_ rest: inout ArraySlice<String>) -> String? {
        guard let value = rest.first, !value.hasPrefix("-") || value == "-" else { return nil }
        return rest.popFirst()
    }
}
