// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// The apps and their commands, found by name.
public struct CommandRegistry: Sendable {
    /// The apps, in the order of help.
    public let apps: [AppConfig]
    /// What is wrong with them, each one sentence; a registry with problems runs no command.
    let problems: [String]
    private let commands: [String: any ManagementCommand.Type]

    init(apps: [AppConfig]) {
        var commands: [String: any ManagementCommand.Type] = [:]
        var owners: [String: String] = [:]
        var labels: [String: Int] = [:]
        var problems: [String] = []
        for app in apps {
            labels[app.label, default: 0] += 1
            for command in app.commands {
                if let owner = owners[command.name] {
                    problems.append(Self.twice(command.name, owner, app.label))
                }
                commands[command.name] = command
                owners[command.name] = app.label
            }
        }
        let doubled = labels.filter { $0.value > 1 }.keys.sorted()
        self.apps = apps
        self.commands = commands
        self.problems = problems + doubled.map { "The label `\($0)` belongs to two apps." }
    }

    /// The command of a name.
    public func command(_ name: String) -> (any ManagementCommand.Type)? { self.commands[name] }

    /// All names, sorted.
    public var names: [String] { self.commands.keys.sorted() }

    /// All commands, in the order of help.
    public var all: [any ManagementCommand.Type] { self.apps.flatMap(\.commands) }

    /// All system checks, in the order they run.
    public var checks: [any SystemCheck] { self.apps.flatMap(\.checks) }

    private static func twice(_ name: String, _ one: String, _ other: String) -> String {
        one == other
            ? "The app `\(one)` registers the command `\(name)` twice."
            : "The apps `\(one)` and `\(other)` both register the command `\(name)`."
    }

    /// The start-up error, or `nil` where the registry is right.
    var error: ToolError? {
        guard !self.problems.isEmpty else { return nil }
        return ToolError(
            .settings,
            tried: "Tried to register the apps.",
            stopped: self.problems.joined(separator: " "),
            next: "Rename one of them in its app."
        )
    }

    /// The error for a name nobody registered.
    func unknown(_ name: String) -> ToolError {
        let guess = nearest(name, in: self.names).map { "Did you mean `\($0)`?" }
        return ToolError(
            .usage,
            tried: "Tried to run the command `\(name)`.",
            stopped: "There is no such command.",
            next: guess ?? "Run `manage help` for the list."
        )
    }
}
