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
        guard self.mayAskForSomething else { return .anyConnection }
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

    /// False for most commands, by their first two letters: it is asked for each command that is sent.
    private var mayAskForSomething: Bool {
        let letters = self.name.utf8
        // No command of three letters or fewer asks for anything, and those are the frequent ones.
        return letters.count > 3 && Self.beginnings[Self.place(letters)]
    }

    /// Whether any of the names below begins with two letters.
    private static let beginnings: [Bool] = {
        var beginnings = [Bool](repeating: false, count: 1_024)
        for name in unanswered.union(stateful).union(["CLIENT", "XREAD"]) { beginnings[place(name.utf8)] = true }
        return beginnings
    }()

    /// Two letters as a number; capitals and others are the same.
    private static func place(_ letters: String.UTF8View) -> Int {
        letters.prefix(2).reduce(0) { $0 << 5 | Int($1 & 0x1F) }
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
