// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// The connections that are open to the believed primary, whoever holds them.
struct OpenedConnections {
    private struct Entry {
        weak var connection: RedisConnection?
    }

    private var entries: [Entry] = []

    var isEmpty: Bool { self.entries.isEmpty }

    mutating func append(_ connection: RedisConnection) {
        self.entries.removeAll { $0.connection.map { $0.assumeIsolated { !$0.isOpen } } ?? true }
        self.entries.append(Entry(connection: connection))
    }

    /// Empties the book and returns what was in it.
    mutating func takeAll() -> [RedisConnection] {
        defer { self.entries = [] }
        return self.entries.compactMap(\.connection)
    }
}
