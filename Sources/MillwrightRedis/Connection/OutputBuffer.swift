// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Bytes that wait to be written: small commands run together so that many leave in one write, big ones are not copied.
struct OutputBuffer {
    /// A command of more bytes stays where it is.
    private static let bigBytes = 16_384
    /// Small commands run together up to this size.
    private static let chunkBytes = 65_536

    /// Full chunks and big commands, before `tail`.
    private var chunks: [[UInt8]] = []
    private var head = 0
    /// How much of the first chunk, or of `tail` where there is none, was written.
    private var offset = 0
    /// Where small commands run together; its room is kept.
    private var tail: [UInt8] = []
    /// All bytes that were ever appended.
    private(set) var appended = 0
    /// All bytes that were ever written.
    private(set) var written = 0

    var isEmpty: Bool { self.appended == self.written }
    /// How many bytes wait.
    var count: Int { self.appended &- self.written }

    mutating func append(_ wire: [UInt8]) {
        self.appended &+= wire.count
        if wire.count > Self.bigBytes {
            self.sealTail()
            self.chunks.append(wire)
        } else {
            if self.tail.count > Self.chunkBytes { self.sealTail() }
            self.tail.append(contentsOf: wire)
        }
    }

    /// Lends the bytes to write next; `body` says how many it wrote, `nil` where none can be written now.
    mutating func drain(_ body: (UnsafeRawBufferPointer) -> Int?) {
        while self.head < self.chunks.count {
            guard self.write(self.chunks[self.head], body) else { return }
            self.chunks[self.head] = []
            self.head += 1
        }
        self.chunks.removeAll(keepingCapacity: true)
        self.head = 0
        if self.tail.isEmpty { return }
        if self.write(self.tail, body) { self.tail.removeAll(keepingCapacity: true) }
    }

    /// Writes what is left of one chunk, as often as the socket takes some; whether it is done.
    private mutating func write(_ chunk: [UInt8], _ body: (UnsafeRawBufferPointer) -> Int?) -> Bool {
        while self.offset < chunk.count {
            let offset = self.offset
            guard let count = chunk.withUnsafeBytes({ body(UnsafeRawBufferPointer(rebasing: $0[offset...])) }) else {
                return false
            }
            self.offset += count
            self.written &+= count
        }
        self.offset = 0
        return true
    }

    private mutating func sealTail() {
        guard !self.tail.isEmpty else { return }
        self.chunks.append(self.tail)
        self.tail = []
    }
}
