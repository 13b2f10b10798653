// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// Holds a sandbox's folder for one start or stop at a time; the kernel gives it back when the process dies.
enum FolderLock {
    /// Runs `body` with the lock, after waiting at most `limit` for the one who has it.
    static func hold<Result: Sendable>(
        _ path: String,
        limit: Duration = .seconds(60),
        _ body: () async throws -> Result
    ) async throws -> Result {
        // O_CLOEXEC: a server that inherited the lock would hold it for as long as it runs.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Files.unusable("open the lock file \(path)") }
        defer { close(descriptor) }
        guard try await Wait.until(limit, { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }) else {
            throw SandboxError(
                .locked,
                tried: "Tried to take hold of the sandbox.",
                stopped: "Another start or stop has held it for \(limit).",
                next: "Wait for that command to end; its lock is \(path)."
            )
        }
        return try await body()
    }
}
