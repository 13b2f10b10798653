// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Synchronization

/// One caller's wait.
///
/// Whoever comes first ends it: the answer, the deadline, the task's cancellation, the end of the connection. The others
/// find it over.
final class PendingReply<Value: Sendable>: Sendable {
    private enum State {
        case new
        case waiting(CheckedContinuation<Value, any Error>)
        case over
    }

    private let state = Mutex(State.new)

    /// Whether nobody waits any more.
    var isOver: Bool { self.state.withLock { if case .over = $0 { true } else { false } } }

    /// Begins the wait; false where it was over before, which the continuation then knows.
    func begin(_ continuation: CheckedContinuation<Value, any Error>) -> Bool {
        let isOver = self.state.withLock { state in
            if case .over = state { return true }
            state = .waiting(continuation)
            return false
        }
        // Only a cancellation can come before the beginning.
        if isOver { continuation.resume(throwing: CancellationError()) }
        return !isOver
    }

    /// Ends the wait; false where somebody else had.
    @discardableResult
    func end(_ result: sending Result<Value, any Error>) -> Bool {
        let waiting = self.state.withLock { state -> CheckedContinuation<Value, any Error>? in
            defer { state = .over }
            if case .waiting(let continuation) = state { return continuation }
            return nil
        }
        waiting?.resume(with: result)
        return waiting != nil
    }

    /// Waits until somebody ends it; `start` makes that happen, and is not called where the task is cancelled already.
    func wait(
        isolation: isolated (any Actor)? = #isolation,
        start: () -> Void
    ) async throws -> Value {
        try await withTaskCancellationHandler {
            _ = isolation  // A closure runs where the function does only if it names the isolation.
            return try await withCheckedThrowingContinuation { continuation in
                if self.begin(continuation) { start() }
            }
        } onCancel: {
            self.end(.failure(CancellationError()))
        }
    }
}
