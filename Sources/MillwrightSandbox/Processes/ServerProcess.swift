// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// A server's living process, and the signals for it and for its children.
struct ServerProcess: Sendable, Hashable {
    var identity: ProcessIdentity

    /// Finds the process that a pid file names, if it is truly the server: either the one that was recorded at its start,
    /// or one that can have written the pid file.
    static func find(pidFile path: String, program: String, recorded: ProcessIdentity?) -> Self? {
        if let recorded, recorded.living() != nil { return Self(identity: recorded) }
        guard let file = PidFile(path: path), let stat = ProcessTable.stat(file.pid),
            file.wasWritten(by: stat, startedAt: ProcessTable.startTime(of: stat), program: program)
        else { return nil }
        return Self(identity: ProcessIdentity(stat))
    }

    var isAlive: Bool { self.identity.living() != nil }
    var isFrozen: Bool { self.identity.living()?.isFrozen ?? false }

    /// Sends a signal to the process alone; a process that is gone is left alone.
    func send(_ signal: Int32) {
        guard self.isAlive else { return }
        _ = kill(self.identity.pid, signal)
    }

    /// Sends a signal to the process and then to its children.
    ///
    /// The parent comes first, so that a stopped or killed postmaster makes no new children in between. PostgreSQL's
    /// backends are sessions of their own, so a process group would not reach them.
    ///
    /// - Returns: the children that it went to.
    @discardableResult
    func sendToTree(_ signal: Int32) -> Set<ProcessIdentity> {
        guard self.isAlive else { return [] }
        let before = ProcessTable.children(of: self.identity.pid).map { ProcessIdentity($0) }
        self.send(signal)
        let after = ProcessTable.children(of: self.identity.pid).map { ProcessIdentity($0) }
        let children = Set(before + after)
        for child in children where child.living() != nil { _ = kill(child.pid, signal) }
        return children
    }

    /// Waits until the process is gone; returns false when it outlived the limit.
    func waitUntilGone(_ limit: Duration) async throws -> Bool {
        try await Wait.until(limit) { !self.isAlive }
    }

    /// Freezes the process and its children with SIGSTOP, and waits until the kernel has stopped them.
    func freeze() async throws {
        self.sendToTree(SIGSTOP)
        let stopped = try await Wait.until(.seconds(2)) { self.isFrozen || !self.isAlive }
        if stopped { self.sendToTree(SIGSTOP) }
    }

    /// Lets a frozen process and its children run on.
    func thaw() { self.sendToTree(SIGCONT) }
}
