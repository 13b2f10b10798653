// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser

/// Help for people: the overview of all commands, and the page of one.
struct HelpText: Sendable {
    let program: String
    let registry: CommandRegistry
    let width: Int

    /// All commands, grouped by app, and the global options.
    func overview() -> String {
        let names = self.registry.all.filter { $0.configuration.shouldDisplay }.map { $0.name.count }
        let column = min(28, (names.max() ?? 0) + 6)
        let apps = self.registry.apps.compactMap { self.app($0, column) }
        return """
            USAGE: \(self.program) <command> [options]

            \(apps.joined(separator: "\n\n"))

            \(self.globalOptions)

            `\(self.program) help <command>` tells more about a command.
            """
    }

    /// One command, or the part of it that `words` name: its own options, then the global ones.
    func page(of type: any ManagementCommand.Type, words: [String] = []) -> String {
        var own = Self.helpMessage(of: type, part: Self.part(of: type, words), columns: self.width)
        if own.hasPrefix("OVERVIEW: ") { own.removeFirst("OVERVIEW: ".count) }
        own = own.replacing("USAGE: \(type.name)", with: "USAGE: \(self.program) \(type.name)", maxReplacements: 1)
        while own.hasSuffix("\n") { own.removeLast() }
        return own + "\n\n" + self.globalOptions
    }

    private static func helpMessage(
        of type: (some ManagementCommand).Type,
        part: any ParsableCommand.Type,
        columns: Int
    ) -> String {
        type.helpMessage(for: part, columns: columns)
    }

    /// The part that the words lead to: `sandbox start` is a part of `sandbox`.
    private static func part(of type: any ManagementCommand.Type, _ words: [String]) -> any ParsableCommand.Type {
        var part: any ParsableCommand.Type = type
        for word in words {
            guard let next = part.configuration.subcommands.first(where: { $0._commandName == word }) else { break }
            part = next
        }
        return part
    }

    private func app(_ app: AppConfig, _ column: Int) -> String? {
        let commands = app.commands.filter { $0.configuration.shouldDisplay }
        guard !commands.isEmpty else { return nil }
        let groups = CommandKind.allCases.compactMap { kind -> (String, [any ManagementCommand.Type])? in
            let members = commands.filter { $0.kind == kind }
            return members.isEmpty ? nil : (kind.rawValue, members)
        }
        let parts = groups.map { heading, members in
            let rows = members.map { ($0.name, $0.configuration.abstract) }
            let block = TwoColumns(indent: 4, column: column, width: self.width).text(rows)
            return groups.count == 1 ? block : "  \(heading)\n\(block)"
        }
        return app.title.uppercased() + "\n" + parts.joined(separator: "\n")
    }

    private var globalOptions: String {
        let rows = GlobalOption.all.map { ($0.synopsis, $0.abstract) }
        return "GLOBAL OPTIONS (before or after the command)\n"
            + TwoColumns(indent: 2, column: 28, width: self.width).text(rows)
    }
}
