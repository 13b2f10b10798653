// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A listening connection's notifications, and the one task that waits for them; the connection alone touches it.
struct NotificationInbox {
    typealias Waiter = CheckedContinuation<NotificationBuffer.Next, any Error>

    private var buffer: NotificationBuffer
    private var waiter: (number: Int, continuation: Waiter)?

    init(limit: Int) { self.buffer = NotificationBuffer(limit: limit) }

    mutating func append(_ notification: PostgresNotification) {
        self.buffer.append(notification)
        self.serve()
    }

    mutating func end(_ error: any Error) {
        self.buffer.end(error)
        self.serve()
    }

    /// Hands over what there is, or lets the task wait for it.
    mutating func take(number: Int, _ continuation: Waiter) {
        switch self.buffer.next() {
        case .wait where self.waiter != nil:
            continuation.resume(throwing: PostgresError(.usage, serverMessage: "one task listens already"))
        case .wait: self.waiter = (number, continuation)
        case let next: continuation.resume(returning: next)
        }
    }

    /// Lets a cancelled task go, where it is still the one that waits.
    mutating func cancel(number: Int) {
        guard let waiter = self.waiter, waiter.number == number else { return }
        self.waiter = nil
        waiter.continuation.resume(throwing: CancellationError())
    }

    private mutating func serve() {
        guard let waiter = self.waiter else { return }
        switch self.buffer.next() {
        case .wait: break
        case let next:
            self.waiter = nil
            waiter.continuation.resume(returning: next)
        }
    }
}
