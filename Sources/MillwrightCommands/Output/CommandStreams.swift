// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A command's two streams: stdout is data, everything else is stderr.
public struct CommandStreams: Sendable {
    /// Results.
    public var stdout: TextOutput
    /// Diagnostics, progress, questions.
    public var stderr: TextOutput

    /// Creates a pair.
    public init(stdout: TextOutput, stderr: TextOutput) {
        self.stdout = stdout
        self.stderr = stderr
    }

    /// The process's own streams.
    public static var standard: CommandStreams {
        CommandStreams(stdout: TextOutput(descriptor: 1), stderr: TextOutput(descriptor: 2))
    }

    /// Streams that keep everything in memory.
    public static var captured: CommandStreams { CommandStreams(stdout: TextOutput(), stderr: TextOutput()) }
}

/// What a command called from code came to.
public struct CapturedOutput: Sendable, Hashable {
    /// The exit code.
    public var exitCode: ExitCode
    /// Everything written to stdout.
    public var stdout: String
    /// Everything written to stderr.
    public var stderr: String

    /// Creates an outcome.
    public init(exitCode: ExitCode, stdout: String, stderr: String) {
        self.exitCode = exitCode
        self.stdout = stdout
        self.stderr = stderr
    }
}
