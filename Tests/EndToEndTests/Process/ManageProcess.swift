// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightSandbox
import MillwrightTesting
import Subprocess
import SystemPackage

/// One run of the built `manage`, as a script would start it: its streams, its environment, and when it is interrupted.
struct ManageProcess: Sendable {
    /// What becomes of the standard streams.
    enum Streams: String, Sendable {
        /// stdin is empty, stdout and stderr are read.
        case captured
        case stdinClosed = #"exec "$0" "$@" <&-"#
        case stdoutClosed = #"exec "$0" "$@" >&-"#
        /// stdout's reader ends before anything is written.
        case readerGone = #""$0" "$@" | true; exit "${PIPESTATUS[0]}""#
        case diskFull = #"exec "$0" "$@" >/dev/full"#
    }

    var arguments: [String] = []
    var environment: [String: String] = [:]
    var streams = Streams.captured
    /// Sent once, as soon as the process holds a socket: it talks to a server then.
    var signal: Subprocess.Signal?
    /// It is killed once this is so.
    var killWhen: (@Sendable () async throws -> Bool)?
    var folder = "/tmp"
    /// What it may take before it is killed; far above what it takes, because a busy machine is no fault.
    var limit: Duration = .seconds(30)

    /// What is run; it is `manage` unless a test says otherwise.
    var program = Self.executable

    /// The executable beside the test bundle.
    static let executable: String = {
        let bundle = Files.linkTarget("/proc/self/exe") ?? ""
        return bundle.prefix(upTo: bundle.lastIndex(of: "/") ?? bundle.startIndex) + "/manage"
    }()

    /// Runs it to its end, when it is its turn: four run at a time.
    func run() async throws -> ManageRun {
        try await Self.gate.pass { try await self.runNow() }
    }

    private static let gate = StartGate(places: 4)

    private func runNow() async throws -> ManageRun {
        let start = ContinuousClock.now
        let result = try await Subprocess.run(
            .path(FilePath(self.streams == .captured ? self.program : "/bin/bash")),
            arguments: Arguments(self.commandLine),
            environment: .custom(self.fullEnvironment),
            workingDirectory: FilePath(self.folder),
            platformOptions: Self.options,
            input: .none,
            output: .string(limit: 16 << 20),
            error: .string(limit: 1 << 20)
        ) { execution in
            var watch = ProcessWatch(pid: execution.processIdentifier.value, signal: self.signal?.rawValue)
            watch.killWhen = self.killWhen
            return try await watch.untilEnd(limit: self.limit)
        }
        return ManageRun(
            arguments: self.arguments,
            ending: result.closureResult ? Self.ending(result.terminationStatus) : .killedByTheTest,
            stdout: result.standardOutput,
            stderr: result.standardError,
            duration: .now - start
        )
    }

    private var commandLine: [String] {
        self.streams == .captured
            ? self.arguments : ["-c", self.streams.rawValue, self.program] + self.arguments
    }

    private var fullEnvironment: [Subprocess.Environment.Key: String] {
        var full: [Subprocess.Environment.Key: String] = ["PATH": "/usr/bin:/bin", "HOME": self.folder]
        for (name, value) in self.environment { full[Environment.Key(stringLiteral: name)] = value }
        return full
    }

    // A session of its own, so that a pipeline can be killed as a whole.
    private static var options: PlatformOptions {
        var options = PlatformOptions()
        options.createSession = true
        return options
    }

    private static func ending(_ status: TerminationStatus) -> ManageRun.Ending {
        switch status {
        case .exited(let code): .exited(code)
        case .signaled(let number): .signalled(number)
        }
    }
}
