// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightToolkit

/// The command line of a project: finds a command in the registry, reads the settings, runs it, says how it ended.
///
/// ```swift
/// @main
/// struct Manage {
///     static func main() {
///         ManagementUtility(apps: [BuiltInApps.millwright, AppConfig(label: "shop", title: "Shop", commands: [])]).main()
///     }
/// }
/// ```
public struct ManagementUtility: Sendable {
    /// The name of the program, as help shows it.
    public var program: String
    /// The apps and their commands.
    public let registry: CommandRegistry
    /// The host's own toolkit, which commands called from code share and never close.
    private var shared: Toolkit?

    /// Creates the command line of some apps; problems among them are reported when a command is run.
    public init(apps: [AppConfig], program: String = "manage") {
        self.program = program
        self.registry = CommandRegistry(apps: apps)
    }

    /// The same command line on a toolkit that is already open: commands use its settings and do not close it.
    public func with(_ toolkit: Toolkit) -> ManagementUtility {
        var copy = self
        copy.shared = toolkit
        return copy
    }

    /// Runs one command line and returns its exit code; never ends the process.
    public func execute(
        _ arguments: [String],
        streams: CommandStreams = .standard,
        environment: [String: String]
    ) async -> ExitCode {
        await self.execution(arguments, streams, environment).run()
    }

    /// Runs a command from code, with captured streams and without the system checks before it.
    ///
    /// A command that fails does not throw: its exit code and stderr say why. Throws only when the caller is cancelled.
    public func callCommand(
        _ name: String,
        _ arguments: [String] = [],
        environment: [String: String] = ProcessEnvironment.current
    ) async throws -> CapturedOutput {
        let streams = CommandStreams.captured
        let line = [name, "--skip-checks", "--no-color"] + arguments
        let code = await self.execute(line, streams: streams, environment: environment)
        try Task.checkCancellation()
        return CapturedOutput(exitCode: code, stdout: streams.stdout.text, stderr: streams.stderr.text)
    }

    func execution(
        _ arguments: [String],
        _ streams: CommandStreams,
        _ environment: [String: String],
        signals: AsyncStream<Int32>? = nil
    ) -> Execution {
        Execution(
            utility: self,
            shared: self.shared,
            arguments: arguments,
            streams: streams,
            environment: environment,
            signals: signals
        )
    }
}
