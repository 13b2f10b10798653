// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension CompletionScript {
    /// For fish.
    var fish: String {
        let names = self.commands.map(\.name).joined(separator: " ")
        let head = [
            "# Completion for \(self.program). Use: \(self.program) completion fish | source",
            "complete -c \(self.program) -f",
        ]
        let commands = self.commands.map { command in
            "complete -c \(self.program) -n 'not __fish_seen_subcommand_from \(names)' "
                + "-a \(command.name) -d \(Self.quoted(command.abstract))"
        }
        let own = self.commands.flatMap { command in
            command.words.map { self.fish($0, "-n '__fish_seen_subcommand_from \(command.name)' ") }
        }
        return (head + commands + self.globals.map { self.fish($0, "") } + own).joined(separator: "\n")
    }

    private func fish(_ word: Word, _ condition: String) -> String {
        let start = "complete -c \(self.program) \(condition)"
        let end = word.abstract.isEmpty ? "" : " -d \(Self.quoted(word.abstract))"
        guard word.text.hasPrefix("-") else { return "\(start)-a \(word.text)\(end)" }
        let isLong = word.text.hasPrefix("--")
        let option = isLong ? "-l \(word.text.dropFirst(2))" : "-s \(word.text.dropFirst())"
        let files = word.takesValue && word.values.isEmpty ? " -r -F" : word.takesValue ? " -x" : ""
        let values = word.values.isEmpty ? "" : " -a \(Self.quoted(word.values.joined(separator: " ")))"
        return "\(start)\(option)\(files)\(values)\(end)"
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }
}
