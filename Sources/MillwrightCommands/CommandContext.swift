// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore
public import MillwrightPostgres
public import MillwrightRedis
public import MillwrightToolkit

/// What a running command has: its options, settings, databases, caches and streams.
public struct CommandContext: Sendable {
    /// The command's name.
    public let command: String
    /// The global options.
    public let globals: GlobalOptions
    /// Databases and caches, opened when asked for.
    public let toolkit: Toolkit
    /// What reading the settings gave, problems included.
    public let settingsResult: SettingsResult
    /// The registered apps.
    public let registry: CommandRegistry
    /// The environment.
    public let environment: [String: String]
    let streams: CommandStreams
    let activity: Activity
    let utility: ManagementUtility

    /// The settings.
    public var settings: Settings { self.settingsResult.settings }
    /// Results go here.
    public var stdout: TextOutput { self.streams.stdout }
    /// Everything else goes here.
    public var stderr: TextOutput { self.streams.stderr }
    /// The format asked for, text where none was.
    public var format: ReportFormat { self.globals.format ?? .text }

    /// The database that `--database` names.
    public func database() throws -> PostgresClient { try self.toolkit.database(self.globals.database) }

    /// The cache that `--cache` names.
    public func cache() throws -> RedisClient { try self.toolkit.cache(self.globals.cache) }

    /// How reports are laid out on stdout.
    public var renderOptions: RenderOptions {
        let terminal = Terminal(globals: self.globals, environment: self.environment, stream: self.stdout)
        let isFile = self.globals.output != nil
        return RenderOptions(
            color: terminal.color && !isFile,
            width: isFile ? 0 : terminal.width,
            verbosity: self.globals.verbosity
        )
    }

    /// Says what the command is doing: a timeout names it, `-v 2` shows it.
    public func doing(_ activity: String) {
        self.activity.current = activity
        self.say(activity.prefix(1).uppercased() + activity.dropFirst() + " …", from: 2)
    }

    /// Writes a line to stderr where `-v` is at least `verbosity`.
    public func say(_ line: String, from verbosity: Int = 1) {
        guard self.globals.verbosity >= verbosity else { return }
        self.stderr.writeLine(line)
        self.stderr.flush()
    }

    /// The name of the program, as help shows it.
    var program: String { self.utility.program }

    /// Help, laid out for stdout.
    var help: HelpText {
        HelpText(program: self.program, registry: self.registry, width: self.renderOptions.width)
    }

    /// A report of this command, made now.
    public func report(_ title: String, sections: [Section]) -> Report {
        Report(command: self.command, title: title, createdAt: Now.seconds, sections: sections)
    }

    /// Writes a document to stdout: what a command without a report answers to `--format json`.
    public func write(_ document: JSONValue) { self.stdout.writeLine(document.text(pretty: true)) }

    /// Writes what is still kept and gives the signals back their own ways: what to do last before another program takes
    /// this process's place (`execv`), or Ctrl-C would not stop it.
    public func leaveProcess() {
        self.stdout.flush()
        self.stderr.flush()
        SignalFeed.restore()
    }

    /// Leaves SIGINT, SIGTERM and SIGHUP to the command from now on: for a server that ends by its own rules.
    public func takeOverSignals() { SignalFeed.handOver() }

    /// Runs another command of the registry with captured streams; system checks are not run before it.
    public func callCommand(_ name: String, _ arguments: [String] = []) async throws -> CapturedOutput {
        try await self.utility.with(self.toolkit).callCommand(name, arguments, environment: self.environment)
    }
}
