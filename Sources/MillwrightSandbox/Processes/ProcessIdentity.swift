// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A process that was seen once and can be recognised again, so that a recycled pid is never signalled.
struct ProcessIdentity: Sendable, Hashable, Codable {
    var pid: Int32
    var startTicks: UInt64
    var era: String

    init(_ stat: ProcessStat, era: String = ProcessTable.era) {
        self.pid = stat.pid
        self.startTicks = stat.startTicks
        self.era = era
    }

    /// Returns the process itself when it still lives.
    func living(_ stat: (Int32) -> ProcessStat? = ProcessTable.stat, era: String = ProcessTable.era) -> ProcessStat? {
        guard era == self.era, let found = stat(self.pid), found.startTicks == self.startTicks, found.isAlive else {
            return nil
        }
        return found
    }
}

/// A pid file as a server left it, and the rule by which it is believed.
struct PidFile: Sendable, Hashable {
    var pid: Int32
    /// Seconds since 1970 of its last change.
    var writtenAt: Double

    /// Reads a pid file; PostgreSQL's has the pid in its first line.
    init?(path: String) {
        guard let text = Files.read(path), let first = text.split(separator: "\n").first,
            let pid = Int32(first), let time = Files.modificationTime(path)
        else { return nil }
        self.init(pid: pid, writtenAt: time)
    }

    init(pid: Int32, writtenAt: Double) {
        self.pid = pid
        self.writtenAt = writtenAt
    }

    /// Whether this process wrote the file: it has the program's name, and it started before the file was written.
    ///
    /// A process that got the pid later started after the file's writer died. Two seconds make up for the boot time's
    /// rounding to whole seconds.
    func wasWritten(by stat: ProcessStat, startedAt: Double?, program: String) -> Bool {
        guard let startedAt, stat.isAlive, stat.pid == self.pid else { return false }
        return stat.name == String(program.prefix(15)) && startedAt <= self.writtenAt + 2
    }
}
