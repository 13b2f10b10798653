// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Holds notifications until somebody takes them, and remembers where some were lost.
struct NotificationBuffer {
    /// What a listener is told next.
    enum Next {
        case notification(PostgresNotification)
        /// Notifications after those before this were dropped.
        case overflowed
        case ended(any Error)
        case wait
    }

    private let limit: Int
    private var waiting: [PostgresNotification] = []
    /// Where in `waiting` the next one stands; the front is cut off now and then only.
    private var first = 0
    private var hasOverflowed = false
    private var end: (any Error)?

    init(limit: Int) { self.limit = max(1, limit) }

    /// Keeps a notification, or drops it where there is no room; after a gap none is kept before the gap was told.
    mutating func append(_ notification: PostgresNotification) {
        guard self.end == nil else { return }
        if self.hasOverflowed || self.waiting.count - self.first >= self.limit {
            self.hasOverflowed = true
        } else {
            self.waiting.append(notification)
        }
    }

    /// Nothing comes any more; what is held is handed out first.
    mutating func end(_ error: any Error) { if self.end == nil { self.end = error } }

    mutating func next() -> Next {
        if self.first < self.waiting.count {
            defer { self.advance() }
            return .notification(self.waiting[self.first])
        }
        if self.hasOverflowed {
            self.hasOverflowed = false
            return .overflowed
        }
        return self.end.map { .ended($0) } ?? .wait
    }

    private mutating func advance() {
        self.first += 1
        guard self.first * 2 > self.waiting.count else { return }
        self.waiting.removeFirst(self.first)
        self.first = 0
    }
}
