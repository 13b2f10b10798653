// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// `postmaster.pid`, the file in a data folder that says which server uses it.
struct PostmasterFile: Sendable, Hashable {
    private var lines: [Substring]

    init(_ text: String) { self.lines = text.split(separator: "\n", omittingEmptySubsequences: false) }

    /// The eighth line: `starting`, `ready`, `standby` (a standby that takes no readers) or `stopping`.
    var isReady: Bool { self.lines.count > 7 && self.lines[7].hasPrefix("ready") }

    /// The seventh line: the key and the id of the server's shared memory.
    var sharedMemory: SharedMemory? {
        guard self.lines.count > 6 else { return nil }
        let numbers = self.lines[6].split(separator: " ").compactMap { Int32(truncatingIfNeeded: Int($0) ?? 0) }
        return numbers.count == 2 ? SharedMemory(key: numbers[0], id: numbers[1]) : nil
    }

    /// The text with a pid that no process can have (the kernel's limit is 4194304).
    ///
    /// When the recorded pid has meanwhile been given to another process, or is a zombie that nobody collects, PostgreSQL
    /// refuses to start. Deleting the file, as one is tempted to, would also delete the shared memory key by which
    /// PostgreSQL sees that backends of the killed server still write.
    var disowned: String { (["4194305"] + self.lines.dropFirst()).joined(separator: "\n") }
}
