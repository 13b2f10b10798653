// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightSandbox

/// Watches a process from outside: sends it a signal when it holds a socket, and kills it when it is told to or its time is over.
struct ProcessWatch: Sendable {
    var pid: pid_t
    var signal: Int32?
    /// It is killed once this is so.
    var killWhen: (@Sendable () async throws -> Bool)?

    /// Returns when the process has ended; `false` when it had to be killed for that.
    func untilEnd(limit: Duration) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        var pending = self.signal
        while self.isAlive {
            if ContinuousClock.now > deadline {
                // The whole session: a shell's children are not the shell.
                kill(-self.pid, SIGKILL)
                return false
            }
            if let number = pending, self.holdsSocket {
                kill(self.pid, number)
                pending = nil
            }
            if let killWhen, try await killWhen() { kill(self.pid, SIGKILL) }
            try await Task.sleep(for: .milliseconds(5))
        }
        return true
    }

    /// A zombie has ended; it waits for whoever started it.
    private var isAlive: Bool { ProcessTable.stat(self.pid).map(\.isAlive) ?? false }

    private var holdsSocket: Bool {
        let folder = "/proc/\(self.pid)/fd"
        return Files.names(in: folder).contains { Files.linkTarget("\(folder)/\($0)")?.hasPrefix("socket:") ?? false }
    }
}
