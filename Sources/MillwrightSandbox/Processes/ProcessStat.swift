// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What `/proc/PID/stat` tells about a process.
package struct ProcessStat: Sendable, Hashable {
    var pid: Int32
    /// The name of the program, cut to 15 bytes by the kernel.
    var name: String
    /// The kernel's letter: `R`, `S`, `D`, `T` for stopped, `Z` for a zombie.
    var state: Character
    var parent: Int32
    /// The time of start in clock ticks since boot: with the pid it identifies a process until the next boot.
    package var startTicks: UInt64

    /// A zombie only waits to be collected: it serves nobody, and its pid is not free yet.
    package var isAlive: Bool { self.state != "Z" && self.state != "X" }
    var isFrozen: Bool { self.state == "T" || self.state == "t" }

    /// Parses the one line of the file; the name is in parentheses and may itself hold spaces and parentheses.
    init?(parsing line: String) {
        guard let open = line.firstIndex(of: "("), let close = line.lastIndex(of: ")"), open < close else { return nil }
        let rest = line[line.index(after: close)...].split(whereSeparator: \.isWhitespace)
        guard rest.count > 19, let pid = Int32(line[..<open].trimmingSuffix(while: \.isWhitespace)),
            let state = rest[0].first, let parent = Int32(rest[1]), let start = UInt64(rest[19])
        else { return nil }
        self.pid = pid
        self.name = String(line[line.index(after: open)..<close])
        self.state = state
        self.parent = parent
        self.startTicks = start
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> Substring {
        var text = self
        while let last = text.last, predicate(last) { text.removeLast() }
        return text
    }
}
