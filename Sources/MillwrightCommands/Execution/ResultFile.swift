// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightCore

/// The file that `--output` names: written as a whole or not at all.
enum ResultFile {
    /// Writes beside the file and renames over it; what is no plain file (`/dev/stderr`, a pipe) is written directly.
    static func write(_ text: String, to path: String) throws(ToolError) {
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            let descriptor = open(path, O_WRONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw Self.error(path, errno) }
            defer { close(descriptor) }
            return try Self.fill(descriptor, with: text, path)
        }
        let temporary = "\(path).\(getpid()).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
        guard descriptor >= 0 else { throw Self.error(path, errno) }
        do throws(ToolError) {
            defer { close(descriptor) }
            try Self.fill(descriptor, with: text, path)
            guard fsync(descriptor) == 0 else { throw Self.error(path, errno) }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let code = errno
            unlink(temporary)
            throw Self.error(path, code)
        }
    }

    private static func fill(_ descriptor: Int32, with text: String, _ path: String) throws(ToolError) {
        let output = TextOutput(descriptor: descriptor)
        output.write(text)
        output.flush()
        if case .failed(let code) = output.failure { throw Self.error(path, code) }
    }

    private static func error(_ path: String, _ code: Int32) -> ToolError {
        ToolError(
            .notWell,
            tried: "Tried to write the result to `\(path)`.",
            stopped: "\(SystemError.text(code)).",
            next: "Check the folder, its free space and who may write there."
        )
    }
}
