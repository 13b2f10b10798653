// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCore

/// The second phase of parsing: the command's own parser reads what the first phase left.
struct TailParser: Sendable {
    /// What the tail came to.
    enum Outcome {
        case command(any ManagementCommand)
        /// The tail asked for help on a part of the command.
        case help(String)
    }

    let program: String

    /// Parses the tail; what is wrong with it is a usage error.
    func parse(_ type: any ManagementCommand.Type, _ tail: [String]) throws -> Outcome {
        do {
            var parsed = try type.parseAsRoot(tail)
            if let command = parsed as? any ManagementCommand { return .command(command) }
            // ArgumentParser's own help command, which commands with parts get.
            try parsed.run()
            return .help("")
        } catch {
            guard type.exitCode(for: error) != .success else { return .help(type.fullMessage(for: error)) }
            throw self.usageError(type, tail, type.message(for: error))
        }
    }

    private func usageError(_ type: any ManagementCommand.Type, _ tail: [String], _ message: String) -> ToolError {
        let help = "\(self.program) help \(type.name)"
        if message.hasPrefix("Unknown option"), let name = CommandOutline(type).firstUnknownOption(in: tail) {
            let known = CommandOutline(type).optionNames + GlobalOption.allNames
            return UsageError.unknownOption(name, known: known, see: help)
        }
        let sentence = message.hasSuffix(".") || message.hasSuffix("?") ? message : message + "."
        return ToolError(
            .usage,
            tried: "Tried to read the options of `\(type.name)`.",
            stopped: sentence,
            next: "See `\(help)`."
        )
    }
}
