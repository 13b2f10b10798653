// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What a command's end means to a script: the one table of exit codes.
public struct ExitCode: Sendable, Hashable, Error {
    /// The number given to the shell.
    public var rawValue: Int32

    /// Creates a code; commands use the named ones.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Done; nothing at or above the fail level.
    public static let ok = Self(rawValue: 0)
    /// Looked, and it is not well: unhealthy, findings at or above the fail level, the command failed.
    public static let notWell = Self(rawValue: 1)
    /// Wrong usage; also: destructive without a terminal and without `--no-input`.
    public static let usage = Self(rawValue: 64)
    /// Could not look: a server is unreachable, a permission is missing.
    public static let unavailable = Self(rawValue: 69)
    /// Try later: another run holds the lock, a window is closed, somebody we will not disturb is in the way.
    public static let tryLater = Self(rawValue: 75)
    /// The settings are wrong.
    public static let settings = Self(rawValue: 78)
    /// Stopped by SIGINT, after cleaning up.
    public static let interrupted = Self(rawValue: 130)
    /// Stopped by SIGTERM, after cleaning up.
    public static let terminated = Self(rawValue: 143)
}
