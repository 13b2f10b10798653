// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Hands chunks of bytes from one task to another; who gives waits until who takes has come close.
actor ChunkChannel {
    /// The other side has ended.
    struct Closed: Error {}

    private static let room = 16

    private var chunks: [[UInt8]] = []
    private var isFinished = false
    private var isClosed = false
    private var waiting: CheckedContinuation<Void, Never>?

    /// Gives a chunk.
    func send(_ chunk: [UInt8]) async throws {
        while self.chunks.count >= Self.room, !self.isClosed { await self.wait() }
        guard !self.isClosed else { throw Closed() }
        self.chunks.append(chunk)
        self.wake()
    }

    /// Takes what there is; nothing at the end.
    func next() async throws -> [UInt8]? {
        while self.chunks.isEmpty, !self.isFinished, !self.isClosed { await self.wait() }
        guard !self.isClosed else { throw Closed() }
        guard !self.chunks.isEmpty else { return nil }
        defer { self.wake() }
        return self.chunks.removeFirst()
    }

    /// Says that no more come.
    func finish() {
        self.isFinished = true
        self.wake()
    }

    /// Ends both sides.
    func close() {
        self.isClosed = true
        self.wake()
    }

    // The channel is never full and empty at once, so that at most one side waits.
    private func wait() async { await withCheckedContinuation { self.waiting = $0 } }

    private func wake() {
        self.waiting?.resume()
        self.waiting = nil
    }
}
