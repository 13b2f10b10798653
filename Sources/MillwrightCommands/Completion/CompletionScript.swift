// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser

/// The completion script of a shell: all it knows is written into it, so completing runs no program.
struct CompletionScript: Sendable {
    /// The shells it can be written for.
    enum Shell: String, Sendable, CaseIterable {
        case bash, zsh, fish
    }

    /// One word that can be completed, with what it is for.
    struct Word: Sendable, Hashable {
        var text: String
        var abstract: String
        /// What can follow it; empty where nothing or anything can.
        var values: [String] = []
        /// Whether something follows it.
        var takesValue = false
    }

    /// A command with its options.
    struct Command: Sendable {
        var name: String
        var abstract: String
        var words: [Word]
    }

    let program: String
    let commands: [Command]
    let globals: [Word]

    func text(for shell: Shell) -> String {
        switch shell {
        case .bash: self.bash
        case .zsh: self.zsh
        case .fish: self.fish
        }
    }

    private static func names(in registry: CommandRegistry) -> [Word] {
        registry.all.map { Word(text: $0.name, abstract: $0.configuration.abstract) }
    }

    /// The options of a command and of its parts, the parts' names, the values of its arguments.
    private static func words(of outline: CommandOutline) -> [Word] {
        let options = outline.options.flatMap { option in
            (option.names ?? []).map { name in
                Word(
                    text: name.typed,
                    abstract: option.abstract ?? "",
                    values: option.allValues ?? [],
                    takesValue: option.takesValue
                )
            }
        }
        let values = outline.positionals.flatMap { $0.allValues ?? [] }.map { Word(text: $0, abstract: "") }
        let parts = (outline.subcommands ?? []).filter { $0.commandName != "help" }
        let names = parts.map { Word(text: $0.commandName, abstract: $0.abstract ?? "") }
        var seen: Set<String> = []
        return (names + values + options + parts.flatMap(Self.words)).filter { seen.insert($0.text).inserted }
    }
}

extension CompletionScript {
    /// Reads what the registered commands say about themselves.
    init(program: String, registry: CommandRegistry) {
        self.program = program
        self.globals = GlobalOption.all.flatMap { option in
            option.names.map {
                Word(text: $0, abstract: option.abstract, values: option.values, takesValue: option.value != nil)
            }
        }
        self.commands = registry.all.filter { $0.configuration.shouldDisplay }.map { type in
            let outline = CommandOutline(type)
            let words = type.name == "help" ? Self.names(in: registry) : Self.words(of: outline)
            return Command(name: type.name, abstract: type.configuration.abstract, words: words)
        }
    }
}
