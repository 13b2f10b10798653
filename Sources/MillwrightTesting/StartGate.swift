// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Lets so many run at a time: all tests run at once, and what many start side by side takes each other's time.
package actor StartGate {
    /// Two servers are started at a time.
    static let shared = StartGate(places: 2)

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Creates a gate.
    package init(places: Int) { self.free = places }

    /// Runs `body` when it is its turn.
    package func pass<Value: Sendable>(_ body: @Sendable () async throws -> Value) async rethrows -> Value {
        if self.free > 0 {
            self.free -= 1
        } else {
            await withCheckedContinuation { self.waiting.append($0) }
        }
        defer { self.leave() }
        return try await body()
    }

    private func leave() {
        if self.waiting.isEmpty { self.free += 1 } else { self.waiting.removeFirst().resume() }
    }
}
