// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension PostgresConnection {
    /// Begins to keep what comes on the channels.
    func listen(to channels: [String], bufferLimit: Int) async throws {
        self.inbox = NotificationInbox(limit: bufferLimit)
        for channel in channels { try await self.execute("LISTEN \(identifier: channel)") }
        // what came together with the answer to the last LISTEN
        if let handle = self.handle { self.takeNotifications(from: handle) }
    }

    /// Moves what libpq has read to the listener; where nobody listens, it would be kept for ever.
    func takeNotifications(from handle: PostgresHandle) {
        while let notification = handle.nextNotification() { self.inbox?.append(notification) }
    }

    /// Waits for what a listener is told next; costs nothing until the server sends something.
    func nextForListener() async throws -> NotificationBuffer.Next {
        let wait = NotificationInbox.Wait()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard self.inbox != nil else { return continuation.resume(throwing: PostgresError(.closed)) }
                self.inbox?.take(wait, continuation)
                if Task.isCancelled { self.inbox?.cancel(wait) }
            }
        } onCancel: {
            Task(executorPreference: self.loop) { await self.stop(wait) }
        }
    }

    private func stop(_ wait: NotificationInbox.Wait) { self.inbox?.cancel(wait) }
}
