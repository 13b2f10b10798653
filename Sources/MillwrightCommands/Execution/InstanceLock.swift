// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightCore

/// One run at a time of one command with one set of settings, by a lock on a file that the kernel drops with the process.
final class InstanceLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock, or throws an error that says who holds it.
    static func take(command: String, key: String, environment: [String: String]) throws(ToolError) -> InstanceLock {
        let path = try Self.folder(environment) + "/\(command)-\(Self.fingerprint(key)).lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.unusable(path, errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = Self.contents(descriptor)
            close(descriptor)
            throw Self.held(command, by: holder)
        }
        Self.sign(descriptor)
        return InstanceLock(descriptor: descriptor)
    }

    private init(descriptor: Int32) { self.descriptor = descriptor }

    // The file stays: removing it would let a third run lock another file of the same name.
    deinit { close(self.descriptor) }

    /// A folder only this user can write to.
    private static func folder(_ environment: [String: String]) throws(ToolError) -> String {
        let runtime = environment["XDG_RUNTIME_DIR"].flatMap { $0.isEmpty ? nil : $0 }
        let folder = runtime.map { $0 + "/millwright" } ?? "/tmp/millwright-\(getuid())"
        if mkdir(folder, 0o700) != 0, errno != EEXIST { throw Self.unusable(folder, errno) }
        var status = stat()
        guard lstat(folder, &status) == 0 else { throw Self.unusable(folder, errno) }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == getuid() else { throw Self.unusable(folder, EPERM) }
        return folder
    }

    /// FNV-1a: the same in every process, and short.
    private static func fingerprint(_ text: String) -> String {
        let hash = text.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }

    private static func sign(_ descriptor: Int32) {
        let text = "process \(getpid())"
        ftruncate(descriptor, 0)
        _ = pwrite(descriptor, text, text.utf8.count, 0)
    }

    private static func contents(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 200)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : "another process"
    }

    private static func held(_ command: String, by holder: String) -> ToolError {
        ToolError(
            .tryLater,
            tried: "Tried to run `\(command)` as the only one.",
            stopped: "It is already running in \(holder).",
            next: "Wait until that run has ended, or leave out `--isolated`."
        )
    }

    private static func unusable(_ path: String, _ code: Int32) -> ToolError {
        ToolError(
            .notWell,
            tried: "Tried to lock `\(path)` for `--isolated`.",
            stopped: "\(SystemError.text(code)).",
            next: "Set XDG_RUNTIME_DIR to a folder that belongs to you."
        )
    }
}
