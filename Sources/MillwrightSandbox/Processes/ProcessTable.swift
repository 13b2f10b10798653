// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// The processes of this machine, as `/proc` shows them to everybody.
///
/// Only world-readable files are used: `/proc/PID/cwd` and `exe` of another user are hidden from root in a container that
/// has no `CAP_SYS_PTRACE`.
package enum ProcessTable {
    /// Returns what is known about a process, or `nil` when there is none of that pid.
    package static func stat(_ pid: Int32) -> ProcessStat? {
        guard pid > 0, let line = Files.read("/proc/\(pid)/stat") else { return nil }
        return ProcessStat(parsing: line)
    }

    /// Returns the living children of a process.
    static func children(of parent: Int32) -> [ProcessStat] {
        Files.names(in: "/proc").compactMap { Int32($0) }
            .compactMap { Self.stat($0) }
            .filter { $0.parent == parent && $0.isAlive }
    }

    /// The boot and the pid namespace that pids belong to: a pid noted under another era means nothing.
    package static var era: String {
        let boot = Files.read("/proc/sys/kernel/random/boot_id") ?? ""
        return boot.filter { !$0.isWhitespace } + "/" + (Files.linkTarget("/proc/self/ns/pid") ?? "")
    }

    /// Seconds since 1970 at which a process started, to within about a second.
    static func startTime(of stat: ProcessStat) -> Double? {
        guard let text = Files.read("/proc/stat"),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }),
            let boot = Double(line.dropFirst("btime ".count))
        else { return nil }
        return boot + Double(stat.startTicks) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
