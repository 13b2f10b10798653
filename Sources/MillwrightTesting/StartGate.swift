// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Lets two servers be started at a time: all tests run at once, and twenty starts side by side take their deadlines away.
actor StartGate {
    static let shared = StartGate()

    private var free = 2
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Runs `body` when it is its turn.
    func pass<Value: Sendable>(_ body: @Sendable () async throws -> Value) async rethrows -> Value {
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
