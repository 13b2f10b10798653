// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import Foundation

/// What a command's parser understands: its options, arguments and parts.
///
/// Read from ArgumentParser's description of itself, which its own tools are built on.
struct CommandOutline: Sendable, Decodable {
    /// A name of an option: `--apply`, `-a`.
    struct Name: Sendable, Decodable {
        var kind: String
        var name: String

        /// As it is typed.
        var typed: String { self.kind == "long" ? "--" + self.name : "-" + self.name }
    }

    /// One option, flag or argument.
    struct Argument: Sendable, Decodable {
        var kind: String
        var shouldDisplay: Bool?
        var names: [Name]?
        var abstract: String?
        var allValues: [String]?
        var valueName: String?

        /// Whether a value follows it.
        var takesValue: Bool { self.kind == "option" }
    }

    var commandName: String
    var abstract: String?
    var arguments: [Argument]?
    var subcommands: [CommandOutline]?

    private struct Document: Decodable { var command: CommandOutline }

    /// Describes a command; one whose description cannot be read has neither options nor parts.
    init(_ type: any ManagementCommand.Type) {
        let text = Self.description(of: type)
        let document = try? JSONDecoder().decode(Document.self, from: Data(text.utf8))
        self = document?.command ?? CommandOutline(commandName: type.name)
    }

    private init(commandName: String) { self.commandName = commandName }

    private static func description(of type: (some ManagementCommand).Type) -> String { type._dumpHelp() }

    /// The options and flags that are shown, without `--help`, which is global.
    var options: [Argument] {
        (self.arguments ?? []).filter { argument in
            argument.kind != "positional" && argument.shouldDisplay != false
                && argument.names?.contains { $0.name == "help" } != true
        }
    }

    /// The arguments without a name.
    var positionals: [Argument] { (self.arguments ?? []).filter { $0.kind == "positional" } }

    /// Every name of every option, with those of its parts.
    var optionNames: [String] {
        self.options.flatMap { $0.names ?? [] }.map(\.typed) + (self.subcommands ?? []).flatMap(\.optionNames)
    }

    /// The first option of a tail that neither the command nor a part of it has.
    func firstUnknownOption(in tail: [String]) -> String? {
        let known = Set(self.optionNames)
        return tail.prefix { $0 != "--" }.first { argument in
            argument.hasPrefix("-") && argument.count > 1 && !known.contains(String(argument.prefix { $0 != "=" }))
        }
    }
}
