// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO

/// A caller who waits; the connection ends each wait exactly once.
typealias Waiter = UnsafeContinuation<RedisValue, any Error>

/// What one caller sends.
struct Order: Sendable {
    enum Content: Sendable {
        case command(RedisCommand)
        case pipeline([RedisCommand])
    }

    let content: Content
    let deadline: Deadline
    /// What its cancellation names it by.
    let ticket: UInt64

    /// How many answers will come.
    var count: Int {
        switch self.content {
        case .command: 1
        case .pipeline(let commands): commands.count
        }
    }

    func forEach(_ body: (RedisCommand) -> Void) {
        switch self.content {
        case .command(let command): body(command)
        case .pipeline(let commands): commands.forEach(body)
        }
    }
}

/// What callers on other threads leave for a connection, until its loop collects it.
enum Letter: Sendable {
    case order(Order, Waiter)
    case cancellation(ticket: UInt64)
}
