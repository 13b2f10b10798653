// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension CompletionScript {
    /// For zsh's completion system.
    var zsh: String {
        """
        #compdef \(self.program)
        # Completion for \(self.program). Use: \(self.program) completion zsh > "${fpath[1]}/_\(self.function)"
        _\(self.function)() {
            local command="" i=2
            while ((i < CURRENT)); do
                case "${words[i]}" in
                    \(self.valueNames(self.globals).joined(separator: "|"))) ((i++)) ;;
                    -*) ;;
                    *) command="${words[i]}"; break ;;
                esac
                ((i++))
            done
            case "$command ${words[CURRENT-1]}" in
        \(self.zshValues.joined(separator: "\n"))
            esac
            local -a choices
            case "$command" in
                "") choices=(\(self.commands.map { Self.zshChoice($0.name, $0.abstract) }.joined(separator: " "))) ;;
        \(self.commands.map(self.zshCommand).joined(separator: "\n"))
            esac
            choices+=(\(self.globals.map { Self.zshChoice($0.text, $0.abstract) }.joined(separator: " ")))
            _describe '\(self.program)' choices
        }
        compdef _\(self.function) \(self.program)
        """
    }

    private func zshCommand(_ command: Command) -> String {
        let choices = command.words.map { Self.zshChoice($0.text, $0.abstract) }.joined(separator: " ")
        return "        \(command.name)) choices=(\(choices)) ;;"
    }

    private var zshValues: [String] {
        let own = self.commands.flatMap { command in
            command.words.filter(\.takesValue).map { self.zshValue("'\(command.name) \($0.text)'", $0) }
        }
        return own + self.globals.filter(\.takesValue).map { self.zshValue("*' \($0.text)'", $0) }
    }

    private func zshValue(_ pattern: String, _ word: Word) -> String {
        guard !word.values.isEmpty else { return "        \(pattern)) _files; return ;;" }
        return "        \(pattern)) compadd -- \(word.values.joined(separator: " ")); return ;;"
    }

    /// `_describe` splits at the first colon that is not escaped.
    private static func zshChoice(_ text: String, _ abstract: String) -> String {
        let words = [text, abstract].map { $0.replacing("\\", with: "\\\\").replacing(":", with: "\\:") }
        return "'" + words.joined(separator: ":").replacing("'", with: "'\\''") + "'"
    }
}
