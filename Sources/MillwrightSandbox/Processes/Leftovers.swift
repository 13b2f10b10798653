// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// What a start that was killed has left at work in a server's folder: `initdb` half-way, or a server that has not written
/// its pid file yet.
///
/// Call it only with the lock held and the server found not to live, so that nothing rightful is left to be found.
enum Leftovers {
    /// The programs that a start runs; an editor or a `tail` on a file of the folder is none of ours.
    private static let programs: Set = [
        "setpriv", "cp", "initdb", "pg_basebackup", "pg_ctl", "postgres", "redis-server", "pgbouncer", "haproxy",
        "nginx",
    ]

    /// Kills them, and waits until they are gone.
    static func end(in site: ServerSite) async throws {
        for process in Self.find(in: site) { try await PrivateServer.kill(process) }
    }

    static func find(in site: ServerSite) -> [ServerProcess] {
        Files.names(in: "/proc").compactMap { Int32($0) }
            .compactMap { ProcessTable.stat($0) }
            .filter { $0.isAlive && Self.programs.contains($0.name) }
            .filter { Self.mentions(site, Files.read("/proc/\($0.pid)/cmdline") ?? "") }
            .map { ServerProcess(identity: ProcessIdentity($0)) }
    }

    /// Whether an argument is a path in the server's folder; Redis shows its socket as `unixsocket:/path`.
    static func mentions(_ site: ServerSite, _ commandLine: String) -> Bool {
        commandLine.split(whereSeparator: { $0 == "\0" || $0 == " " }).contains { argument in
            argument.hasPrefix("\(site.folder)/") || argument.hasPrefix("unixsocket:\(site.socketFolder)/")
        }
    }
}
