// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import Testing

@testable import MillwrightCommands

@Suite("Shell completion")
struct CompletionTests {
    private let script = CompletionScript(
        program: "manage",
        registry: CommandRegistry(apps: [BuiltInApps.millwright, SampleApp.config])
    )

    /// What bash offers for a line that ends with the word to complete.
    private func bash(_ words: [String]) throws -> [String] {
        let list = words.map { "'\($0)'" }.joined(separator: " ")
        let probe = """
            \(self.script.bash)
            COMP_WORDS=(\(list)); COMP_CWORD=\(words.count - 1); _manage; printf '%s\\n' "${COMPREPLY[@]}"
            """
        return try self.output(of: "/bin/bash", ["-c", probe]).split(separator: "\n").map(String.init)
    }

    private func output(of program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self)
    }

    @Test(
        "bash offers commands, the host's too, then their options and values",
        arguments: [
            (["manage", "ch"], ["check", "checked"]),
            (["manage", "ec"], ["echo"]),
            (["manage", "-q", "ec"], ["echo"]),
            (["manage", "--format", "json", "ec"], ["echo"]),
            (["manage", "echo", "--ti"], ["--times", "--timeout"]),
            (["manage", "check", "--format", "j"], ["json"]),
            (["manage", "--fail-level", "c"], ["critical"]),
            (["manage", "completion", ""], nil),
            (["manage", "help", "ec"], ["echo"]),
            (["manage", "fails", "p"], ["plain"]),
            (["manage", "check", "--tag", ""], []),
        ] as [([String], [String]?)]
    )
    func bash(words: [String], offered: [String]?) throws {
        let replies = try self.bash(words)

        if let offered { #expect(replies == offered) } else { #expect(replies.prefix(3) == ["bash", "zsh", "fish"]) }
    }

    @Test("zsh and fish get every command and option with its sentence")
    func others() {
        #expect(self.script.zsh.hasPrefix("#compdef manage\n"))
        #expect(self.script.zsh.contains("'echo:Say it again.'"))
        #expect(self.script.zsh.contains("'--loud:In capitals.'"))
        #expect(self.script.fish.contains("-a echo -d 'Say it again.'"))
        #expect(
            self.script.fish.contains(
                "complete -c manage -n '__fish_seen_subcommand_from echo' -l loud -d 'In capitals.'"
            )
        )
        #expect(
            self.script.fish.contains(
                "complete -c manage -l format -x -a 'text table json csv markdown summary html sql'"
            )
        )
    }

    @Test("Quotes and colons in sentences do not break the scripts")
    func quoting() {
        let words = [CompletionScript.Word(text: "--x", abstract: "Don't: \\never")]
        let command = CompletionScript.Command(name: "c", abstract: "It's: a", words: words)
        let script = CompletionScript(program: "m", commands: [command], globals: [])

        #expect(script.zsh.contains("'--x:Don'\\''t\\: \\\\never'"))
        #expect(script.fish.contains("-l x -d 'Don\\'t: \\\\never'"))
    }
}
