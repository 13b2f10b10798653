// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Messages that came and were not read yet: so many and no more, and none is lost without a word.
struct MessageBuffer {
    enum Next: Equatable {
        case message(RedisMessage)
        /// None is there; one may come.
        case wait
        /// None comes any more; `nil` where that is how it should be.
        case over(RedisError?)
    }

    let limit: Int
    private var messages: [RedisMessage] = []
    private var head = 0
    private var end: RedisError??

    init(limit: Int) { self.limit = max(1, limit) }

    /// Keeps a message; false where there is no room, and with it the subscription ends.
    mutating func append(_ message: RedisMessage) -> Bool {
        guard self.messages.count - self.head < self.limit else { return false }
        self.messages.append(message)
        return true
    }

    /// Takes a message back that was read and reached nobody: it is the next again.
    mutating func putBack(_ message: RedisMessage) {
        if self.head > 0 { self.head -= 1 } else { self.messages.insert(message, at: 0) }
        self.messages[self.head] = message
    }

    /// No more messages come; what came before can still be read.
    ///
    /// The first reason is the one that counts.
    mutating func finish(_ reason: RedisError?) {
        if case .none = self.end { self.end = .some(reason) }
    }

    /// The message to read next.
    mutating func next() -> Next {
        guard self.head < self.messages.count else { return self.end.map { .over($0) } ?? .wait }
        let message = self.messages[self.head]
        self.head += 1
        if self.head == self.messages.count || self.head > 1_024 {
            self.messages.removeFirst(self.head)
            self.head = 0
        }
        return .message(message)
    }
}
