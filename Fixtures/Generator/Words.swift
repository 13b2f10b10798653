// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A list of words as bytes, so that writing one is a copy and nothing else.
///
/// The bytes are allocated once and live as long as the process: word lists are static.
struct Words: @unchecked Sendable {  // The memory is written in `init` and never again.
    /// How many words there are.
    let count: Int
    private let bytes: UnsafeMutablePointer<UInt8>
    private let ends: UnsafeMutablePointer<Int>

    /// Creates a list; words must hold no tab, newline or backslash, for they are not escaped.
    init(_ words: [String]) {
        self.count = words.count
        let length = words.map(\.utf8.count).reduce(0, +)
        self.bytes = .allocate(capacity: max(1, length))
        self.ends = .allocate(capacity: words.count + 1)
        self.ends[0] = 0
        var end = 0
        for (index, word) in words.enumerated() {
            for byte in word.utf8 {
                precondition(byte != 9 && byte != 10 && byte != 92, "a word must need no escape in COPY")
                self.bytes[end] = byte
                end += 1
            }
            self.ends[index + 1] = end
        }
    }

    /// The bytes of one word.
    subscript(_ index: Int) -> UnsafeBufferPointer<UInt8> {
        precondition(index >= 0 && index < self.count)
        let start = self.ends[index]
        return UnsafeBufferPointer(start: self.bytes + start, count: self.ends[index &+ 1] &- start)
    }
}
