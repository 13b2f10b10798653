// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What one run of `manage` came to.
struct ManageRun: Sendable, CustomStringConvertible {
    /// How it ended.
    enum Ending: Sendable, Hashable {
        case exited(Int32)
        case signalled(Int32)
        /// It did not end in its time.
        case killedByTheTest
    }

    var arguments: [String]
    var ending: Ending
    var stdout: String
    var stderr: String
    var duration: Duration

    /// Everything that reached a person or a log.
    var everything: String { self.stdout + self.stderr }

    /// The exit code; `nil` where it ended otherwise.
    var code: Int32? { if case .exited(let code) = self.ending { code } else { nil } }

    /// Everything a failed expectation should show.
    var description: String {
        """
        manage \(self.arguments.joined(separator: " ")): \(self.ending) after \(self.duration)
        stdout: \(self.stdout.prefix(3000))
        stderr: \(self.stderr.prefix(3000))
        """
    }
}
