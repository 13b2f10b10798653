// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Bytes that wait to be written: small commands run together so that many leave in one write, big ones are not copied.
struct OutputBuffer {
    /// A command of more bytes stays where it is.
    private static let bigBytes = 16_384
    /// Small commands run together up to this size.
    private static let chunkBytes = 65_536

    private var chunks: [ArraySlice<UInt8>] = []
    private var head = 0
    /// Whether the last chunk is ours to grow.
    private var isLastOpen = false
    /// All bytes that were ever appended.
    private(set) var appended = 0
    /// All bytes that were ever written.
    private(set) var written = 0

    var isEmpty: Bool { self.appended == self.written }

    mutating func append(_ wire: ArraySlice<UInt8>) {
        self.appended += wire.count
        if wire.count > Self.bigBytes {
            self.chunks.append(wire)
            self.isLastOpen = false
        } else if self.isLastOpen, let last = self.chunks.indices.last, self.chunks[last].count < Self.chunkBytes {
            self.chunks[last].append(contentsOf: wire)
        } else {
            self.chunks.append(ArraySlice(Array(wire)))
            self.isLastOpen = true
        }
    }

    /// Lends the bytes to write next; `body` says how many it wrote, `nil` where none can be written now.
    mutating func drain(_ body: (UnsafeRawBufferPointer) -> Int?) {
        while self.head < self.chunks.count {
            guard let count = self.chunks[self.head].withUnsafeBytes(body) else { return }
            self.written += count
            if count == self.chunks[self.head].count {
                self.chunks[self.head] = []
                self.head += 1
            } else {
                self.chunks[self.head].removeFirst(count)
            }
        }
        self.chunks.removeAll(keepingCapacity: true)
        self.head = 0
        self.isLastOpen = false
    }
}
