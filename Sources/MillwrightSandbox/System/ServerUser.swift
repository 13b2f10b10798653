// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// The user that a server runs as: never root.
struct ServerUser: Sendable, Hashable {
    var name: String
    var userID: uid_t
    var groupID: gid_t
    /// Whether we are root and the server's process must become this user.
    var mustDrop: Bool

    /// Chooses the user: ourselves, or when we are root the first of these users that exists.
    static func choose(from names: [String]) throws -> Self {
        guard geteuid() == 0 else {
            return Self(name: "uid \(geteuid())", userID: geteuid(), groupID: getegid(), mustDrop: false)
        }
        for name in names + ["nobody"] {
            if let user = Self.lookUp(name), user.userID != 0 { return user }
        }
        throw SandboxError(
            .folderUnusable,
            tried: "Tried to find a user to run the servers as, because they must not run as root.",
            stopped: "None of the users \((names + ["nobody"]).joined(separator: ", ")) exists.",
            next: "Run the command as an ordinary user."
        )
    }

    private static func lookUp(_ name: String) -> Self? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return Self(name: name, userID: entry.pw_uid, groupID: entry.pw_gid, mustDrop: true)
    }

    /// Whether this user may walk into a folder, judged by the modes of the folders above it.
    func canReach(_ path: String) -> Bool {
        guard self.mustDrop else { return true }
        var folder = path
        while true {
            var status = stat()
            if stat(folder, &status) == 0 && !self.canEnter(status) { return false }
            guard folder != "/", let slash = folder.lastIndex(of: "/") else { return true }
            folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
        }
    }

    private func canEnter(_ status: stat) -> Bool {
        if status.st_uid == self.userID { return status.st_mode & S_IXUSR != 0 }
        if status.st_gid == self.groupID { return status.st_mode & S_IXGRP != 0 }
        return status.st_mode & S_IXOTH != 0
    }
}
