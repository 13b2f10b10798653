// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Subprocess
import SystemPackage

/// One run of an installed program: what to run, as whom, where, for how long at most.
struct Invocation: Sendable {
    var program: String
    var arguments: [String]
    var user: ServerUser
    var folder: String
    var input = ""
    var limit: Duration = .seconds(30)

    /// Runs the program to its end and returns what it printed; anything but exit 0 throws, with its last lines.
    @discardableResult
    func run() async throws -> String {
        let result = try await withThrowingTaskGroup(of: (TerminationStatus, String)?.self) { group in
            group.addTask { try await self.finish() }
            group.addTask {
                try await Task.sleep(for: self.limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        guard let (status, text) = result else { throw self.failure("It took longer than \(self.limit).", .timedOut) }
        guard status == .exited(0) else {
            let last = text.split(whereSeparator: \.isNewline).suffix(6).joined(separator: "\n")
            throw self.failure("It ended with \(status):\n\(last)", .startFailed)
        }
        return text
    }

    private func finish() async throws -> (TerminationStatus, String) {
        let command = try self.command()
        do {
            let result = try await Subprocess.run(
                .path(FilePath(command.program)),
                arguments: Arguments(command.arguments),
                environment: .custom([
                    "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8", "HOME": self.folder,
                ]),
                workingDirectory: FilePath(self.folder),
                platformOptions: Self.options,
                input: .string(self.input),
                output: .string(limit: 1_048_576),
                error: .combinedWithOutput
            )
            return (result.terminationStatus, result.standardOutput)
        } catch let error as SubprocessError {
            throw self.failure("It could not be run: \(error).", .startFailed)
        }
    }

    /// The program, run by `setpriv` where we are root and it must not be.
    ///
    /// Subprocess could drop the user itself, and now and then hangs for ever in doing so: glibc's `setgroups` in a child of
    /// a process with threads waits for threads that the child does not have.
    private func command() throws -> (program: String, arguments: [String]) {
        guard self.user.mustDrop else { return (self.program, self.arguments) }
        let become = ["--reuid=\(self.user.userID)", "--regid=\(self.user.groupID)", "--clear-groups", "--"]
        let setpriv = try InstalledPrograms.require("setpriv", package: "util-linux")
        return (setpriv, become + [self.program] + self.arguments)
    }

    // A session of its own: Ctrl-C on the terminal ends the command, never a half-started server.
    private static let options: PlatformOptions = {
        var options = PlatformOptions()
        options.createSession = true
        return options
    }()

    private func failure(_ stopped: String, _ code: SandboxError.Code) -> SandboxError {
        SandboxError(
            code,
            tried: "Tried to run \(self.program).",
            stopped: stopped,
            next: "Look at the logs under \(self.folder), then start the sandbox again."
        )
    }
}
