// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension RedisCommand {
    /// What a command asks of the connection it is sent on.
    enum Need: Sendable, Hashable {
        /// Nothing: it can share a connection with the commands of others.
        case anyConnection
        /// A connection of its own, because it changes the connection's state or holds it up.
        case ownConnection
        /// More than one answer, or none, per command: no connection of ours can keep count of it.
        case unsupported
    }

    /// What this command asks of its connection.
    var need: Need {
        // No command of three letters or fewer asks for anything, and those are the frequent ones.
        guard self.name.utf8.count > 3 else { return .anyConnection }
        let name = self.name.uppercased()
        if Self.unanswered.contains(name) { return .unsupported }
        if Self.stateful.contains(name) { return .ownConnection }
        switch name {
        case "CLIENT":
            if self.mentions("REPLY") { return .unsupported }
            return self.altersClient ? .ownConnection : .anyConnection
        case "XREAD", "XREADGROUP": return self.mentions("BLOCK") ? .ownConnection : .anyConnection
        default: return .anyConnection
        }
    }

    /// Whether it is a `CLIENT` command that changes how the server treats the connection.
    var altersClient: Bool { ["TRACKING", "CACHING", "NO-EVICT", "NO-TOUCH"].contains { self.mentions($0) } }

    private static let unanswered: Set<String> = [
        "HELLO", "MONITOR", "PSUBSCRIBE", "PSYNC", "PUNSUBSCRIBE", "SSUBSCRIBE", "SUBSCRIBE", "SUNSUBSCRIBE", "SYNC",
        "UNSUBSCRIBE",
    ]

    private static let stateful: Set<String> = [
        "ASKING", "AUTH", "BLMOVE", "BLMPOP", "BLPOP", "BRPOP", "BRPOPLPUSH", "BZMPOP", "BZPOPMAX", "BZPOPMIN",
        "DISCARD",
        "EXEC", "MULTI", "QUIT", "READONLY", "READWRITE", "RESET", "SELECT", "UNWATCH", "WAIT", "WAITAOF", "WATCH",
    ]

    /// Whether one of the words after the name is `word`, in capitals or not.
    private func mentions(_ word: String) -> Bool {
        String(decoding: self.wire, as: UTF8.self).uppercased().split(separator: "\r\n").dropFirst(3).contains {
            $0 == word
        }
    }
}
