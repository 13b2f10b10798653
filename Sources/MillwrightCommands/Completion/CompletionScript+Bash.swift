// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension CompletionScript {
    /// For bash 3.2 and later: no associative arrays, no bash-completion package.
    var bash: String {
        """
        # Completion for \(self.program). Use: source <(\(self.program) completion bash)
        _\(self.function)() {
            local current="${COMP_WORDS[COMP_CWORD]}" previous="" command="" word="" i
            ((COMP_CWORD > 0)) && previous="${COMP_WORDS[COMP_CWORD-1]}"
            for ((i = 1; i < COMP_CWORD; i++)); do
                word="${COMP_WORDS[i]}"
                case "$word" in
                    \(self.valueNames(self.globals).joined(separator: "|"))) ((i++)) ;;
                    -*) ;;
                    *) command="$word"; break ;;
                esac
            done
            COMPREPLY=()
            case "$command $previous" in
        \(self.bashValues.joined(separator: "\n"))
            esac
            local words=""
            case "$command" in
                "") words="\(self.commands.map(\.name).joined(separator: " "))" ;;
        \(self.commands.map(self.bashCommand).joined(separator: "\n"))
            esac
            COMPREPLY=($(compgen -W "$words \(self.globals.map(\.text).joined(separator: " "))" -- "$current"))
        }
        complete -o default -F _\(self.function) \(self.program)
        """
    }

    /// The program's name as a function's.
    var function: String { String(self.program.map { $0.isLetter || $0.isNumber ? $0 : "_" }) }

    func valueNames(_ words: [Word]) -> [String] { words.filter(\.takesValue).map(\.text) }

    private func bashCommand(_ command: Command) -> String {
        "        \(command.name)) words=\"\(command.words.map(\.text).joined(separator: " "))\" ;;"
    }

    /// After an option that takes a value: its values, or files.
    private var bashValues: [String] {
        let own = self.commands.flatMap { command in
            command.words.filter(\.takesValue).map { self.bashValue("\(command.name) \($0.text)", $0) }
        }
        return own + self.globals.filter(\.takesValue).map { self.bashValue("*\" \($0.text)", $0, isQuoted: true) }
    }

    private func bashValue(_ pattern: String, _ word: Word, isQuoted: Bool = false) -> String {
        let pattern = isQuoted ? pattern + "\"" : "\"\(pattern)\""
        guard !word.values.isEmpty else { return "        \(pattern)) return ;;" }
        let values = word.values.joined(separator: " ")
        return "        \(pattern)) COMPREPLY=($(compgen -W \"\(values)\" -- \"$current\")); return ;;"
    }
}
