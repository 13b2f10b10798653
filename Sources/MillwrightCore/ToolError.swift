// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// The error people see: what we tried, what stopped it, what to do next, each one sentence.
///
/// It is safe to show to anybody: whoever makes one puts no SQL, no server text and no secret into it.
public struct ToolError: Error, Sendable, Hashable {
    /// The exit code the command ends with.
    public var code: ExitCode
    /// What we tried, as in "Tried to read the indexes of database default".
    public var tried: String
    /// What stopped it, as in "The server did not accept the connection within 5 s".
    public var stopped: String
    /// What to do next, as in "Check that the server runs and that `databases.default.url` names it".
    public var next: String

    /// Creates an error; each text is one sentence with a period.
    public init(_ code: ExitCode, tried: String, stopped: String, next: String) {
        self.code = code
        self.tried = tried
        self.stopped = stopped
        self.next = next
    }
}

extension ToolError: CustomStringConvertible {
    /// The three sentences on one line.
    public var description: String {
        [self.tried, self.stopped, self.next].filter { !$0.isEmpty }.map(\.oneLine).joined(separator: " ")
    }
}
