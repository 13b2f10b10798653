// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCommands
import MillwrightCore
import MillwrightToolkit

/// A host's app with one command for each way a command can end.
enum SampleApp {
    static let config = AppConfig(
        label: "shop",
        title: "Shop",
        commands: [Echo.self, Fails.self, Waits.self, Stubborn.self, Finds.self, Checked.self, Writes.self],
        checks: [AlwaysWrong()]
    )
}

/// Says its options and the global ones back.
struct Echo: ManagementCommand {
    static let configuration = CommandConfiguration(commandName: "echo", abstract: "Say it again.")

    @Option(name: [.short, .long], help: "How often.")
    var times = 1

    @Flag(help: "In capitals.")
    var loud = false

    @Argument(help: "What to say.")
    var words: [String] = []

    func run(in context: CommandContext) async throws -> ExitCode {
        let line = self.words.joined(separator: " ")
        for _ in 0..<self.times { context.stdout.writeLine(self.loud ? line.uppercased() : line) }
        context.say("said", from: 2)
        return .ok
    }
}

/// Throws what it is told.
struct Fails: ManagementCommand {
    static let configuration = CommandConfiguration(commandName: "fails", abstract: "Fail.")

    enum Kind: String, ExpressibleByArgument, CaseIterable { case tool, plain, code }
    struct Broken: Error, CustomStringConvertible { var description: String { "It broke." } }

    @Argument var kind: Kind

    func run(in context: CommandContext) async throws -> ExitCode {
        context.stdout.writeLine("half a result")
        switch self.kind {
        case .tool: throw ToolError(.unavailable, tried: "Tried a thing.", stopped: "It is not there.", next: "Look.")
        case .plain: throw Broken()
        case .code: return .tryLater
        }
    }
}

/// Runs until it is cancelled, and cleans up.
struct Waits: ManagementCommand {
    static let configuration = CommandConfiguration(commandName: "waits", abstract: "Wait.")

    func run(in context: CommandContext) async throws -> ExitCode {
        context.doing("waiting for nothing")
        defer { context.stderr.writeLine("cleaned up") }
        try await Task.sleep(for: .seconds(3600))
        return .ok
    }
}

/// Finishes its work although it was cancelled.
struct Stubborn: ManagementCommand {
    static let configuration = CommandConfiguration(commandName: "stubborn", abstract: "Finish.")

    func run(in context: CommandContext) async throws -> ExitCode {
        while !Task.isCancelled { await Task.yield() }
        context.stdout.writeLine("done all the same")
        return .ok
    }
}

/// Reports findings of chosen severities.
struct Finds: ManagementCommand {
    static let configuration = CommandConfiguration(commandName: "finds", abstract: "Report findings.")
    static var kind: CommandKind { .look }

    @Argument var severities: [String] = []

    func run(in context: CommandContext) async throws -> ExitCode {
        let findings = self.severities.compactMap(Severity.init(rawValue:)).map { severity in
            Finding(
                "shop.W00\(severity.rawValue.count)",
                severity,
                on: "till",
                message: "The till is \(severity.rawValue)."
            )
        }
        let unknown = Verdict.unknown(reason: "nobody looked", cure: nil)
        let verdict = self.severities.contains("unknown") ? unknown : Verdict.of(findings)
        let outcome = CheckOutcome(name: "till", title: "Till", verdict: verdict)
        let section = Section("shop", title: "Shop", outcomes: [outcome])
        return context.finish(Report(command: "finds", title: "Shop", createdAt: 0, sections: [section]))
    }
}

/// Runs only when the shop's system checks pass.
struct Checked: ManagementCommand {
    static let configuration = CommandConfiguration(commandName: "checked", abstract: "Run after checks.")
    static var requiredChecks: [CheckTag] { ["shop"] }

    func run(in context: CommandContext) async throws -> ExitCode {
        context.stdout.writeLine("ran")
        return .ok
    }
}

/// Asks before it destroys.
struct Writes: ManagementCommand {
    static let configuration = CommandConfiguration(commandName: "writes", abstract: "Destroy.")
    static var kind: CommandKind { .act }

    func run(in context: CommandContext) async throws -> ExitCode {
        try context.confirm("Destroy everything?")
        context.stdout.writeLine("destroyed")
        return .ok
    }
}

struct AlwaysWrong: SystemCheck {
    static let name = "always-wrong"
    static let title = "Always wrong"
    static let ids = ["shop.E001"]
    static let tags: [CheckTag] = ["shop"]

    func verdict(in context: SystemCheckContext) async -> Verdict {
        .findings([Finding("shop.E001", .error, on: "shop", message: "It is closed.")])
    }
}

/// One finished run.
struct Ran {
    var code: MillwrightCore.ExitCode
    var stdout: String
    var stderr: String
}

/// Runs a command line with captured streams and nothing in the environment but what is given.
func run(
    _ arguments: String...,
    apps: [AppConfig] = [BuiltInApps.millwright, SampleApp.config],
    environment: [String: String] = [:]
) async -> Ran {
    await run(arguments, apps: apps, environment: environment)
}

/// The same, with the arguments as a list.
func run(
    _ arguments: [String],
    apps: [AppConfig] = [BuiltInApps.millwright, SampleApp.config],
    environment: [String: String] = [:]
) async -> Ran {
    let streams = CommandStreams.captured
    var environment = environment
    environment["COLUMNS"] = environment["COLUMNS"] ?? "100"
    let utility = ManagementUtility(apps: apps)
    let code = await utility.execute(arguments, streams: streams, environment: environment)
    return Ran(code: code, stdout: streams.stdout.text, stderr: streams.stderr.text)
}
