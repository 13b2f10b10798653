// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A listening connection's notifications, and the one task that waits for them; the connection alone touches it.
final class NotificationInbox {
    /// One task's wait, so that a late cancellation ends no later one.
    final class Wait: Sendable {}
    typealias Waiter = CheckedContinuation<NotificationBuffer.Next, any Error>

    private var buffer: NotificationBuffer
    private var waiter: (wait: Wait, continuation: Waiter)?

    init(limit: Int) { self.buffer = NotificationBuffer(limit: limit) }

    func append(_ notification: PostgresNotification) {
        self.buffer.append(notification)
        self.serve()
    }

    func end(_ error: any Error) {
        self.buffer.end(error)
        self.serve()
    }

    /// Hands over what there is, or lets the task wait for it.
    func take(_ wait: Wait, _ continuation: Waiter) {
        switch self.buffer.next() {
        case .wait where self.waiter != nil:
            continuation.resume(throwing: PostgresError(.usage, serverMessage: "one task listens already"))
        case .wait: self.waiter = (wait, continuation)
        case let next: continuation.resume(returning: next)
        }
    }

    /// Lets a cancelled task go, where it is still the one that waits.
    func cancel(_ wait: Wait) {
        guard let waiter = self.waiter, waiter.wait === wait else { return }
        self.waiter = nil
        waiter.continuation.resume(throwing: CancellationError())
    }

    private func serve() {
        guard let waiter = self.waiter else { return }
        switch self.buffer.next() {
        case .wait: break
        case let next:
            self.waiter = nil
            waiter.continuation.resume(returning: next)
        }
    }
}
