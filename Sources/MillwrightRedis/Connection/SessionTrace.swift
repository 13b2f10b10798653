// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What commands have left behind on a connection: whether the next caller may have it.
struct SessionTrace: Sendable, Equatable {
    private var isInTransaction = false
    private var isWatching = false
    private var isAltered = false

    /// Whether the connection is as it was when it was opened.
    var isClean: Bool { self == SessionTrace() }

    /// A command is sent.
    mutating func note(_ command: RedisCommand) {
        guard command.need == .ownConnection || command.name.uppercased() == "CLIENT" else { return }
        switch command.name.uppercased() {
        case "MULTI": self.isInTransaction = true
        case "WATCH": self.isWatching = true
        case "UNWATCH": self.isWatching = false
        case "EXEC", "DISCARD":
            self.isInTransaction = false
            self.isWatching = false
        case "CLIENT": if command.altersClient { self.isAltered = true }
        case "ASKING", "AUTH", "QUIT", "READONLY", "READWRITE", "RESET", "SELECT": self.isAltered = true
        default: break  // It only holds the connection up.
        }
    }
}
