// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// Where a sandbox's files are: the folder that was asked for, and the two that stand in when it is unsuitable.
struct SandboxFolder: Sendable, Hashable {
    /// The folder of the state, the lock and normally everything else; absolute, without links.
    var path: String
    /// The folder that holds one folder per server.
    var home: String
    /// The folder that holds one folder per server for its Unix socket.
    var socketHome: String

    var stateFile: String { "\(self.path)/state.json" }
    var lockFile: String { "\(self.path)/lock" }

    /// Decides where servers live.
    ///
    /// - They cannot live below a folder that their user may not enter: root's own `/root`, for one.
    /// - A Unix socket's path has at most 107 bytes, and `/redis-replica-99/.s.PGSQL.65535` is the longest we make.
    init(path: String, userID: uid_t, isReachable: Bool) {
        let stem = "millwright-\(Self.hash(path))-\(userID)"
        self.path = path
        self.home = isReachable ? "\(path)/servers" : "/var/tmp/\(stem)"
        self.socketHome = self.home.utf8.count + 32 <= 107 ? self.home : "/tmp/\(stem)"
    }

    /// FNV-1a of the path: the same folder always gets the same stand-in, so it is found again without a state file.
    private static func hash(_ path: String) -> String {
        let value = path.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Returns the folder if it exists.
    static func existing(_ path: String) throws -> Self? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        let absolute = String(cString: resolved)
        let user = try ServerUser.choose(from: ["postgres", "redis"])
        return Self(path: absolute, userID: geteuid(), isReachable: user.canReach(absolute))
    }

    /// Makes the folder with those it needs, and returns it.
    static func make(_ path: String) throws -> Self {
        try Files.makeFolders(path)
        guard let folder = try Self.existing(path) else { throw Files.unusable("use the folder \(path)") }
        // Server users pass through, and may not look around: their own folders inside are closed to all others.
        for path in Set([folder.home, folder.socketHome]) {
            try Files.makeFolder(path, mode: geteuid() == 0 ? 0o711 : 0o700)
        }
        return folder
    }

    /// Removes everything; the servers must be stopped.
    func remove() throws {
        for name in Files.names(in: self.home) {
            Files.read("\(self.home)/\(name)/data/postmaster.pid").flatMap { PostmasterFile($0).sharedMemory }?
                .release()
        }
        for path in Set([self.home, self.socketHome]) { try Files.remove(path) }
        try Files.remove(self.path)
    }
}
