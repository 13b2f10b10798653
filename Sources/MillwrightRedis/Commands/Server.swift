// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension RedisSending {
    /// Returns what the server says of itself; `nil` asks for its default sections.
    public nonisolated(nonsending) func info(_ section: String? = nil) async throws -> RedisInfo {
        var command = RedisCommand("INFO")
        if let section { command.append(section) }
        return try await self.send(command, as: RedisInfo.self)
    }

    /// Returns the settings whose names match a glob pattern.
    public nonisolated(nonsending) func configGet(_ pattern: String) async throws -> [String: String] {
        try await self.send(RedisCommand("CONFIG", "GET", pattern), as: [String: String].self)
    }

    /// Returns how many keys the database has.
    public nonisolated(nonsending) func dbsize() async throws -> Int {
        try await self.send(RedisCommand("DBSIZE"), as: Int.self)
    }

    /// Returns how many bytes a key takes, its overhead included; `nil` where there is no such key.
    ///
    /// - Parameters:
    ///   - key: the key.
    ///   - samples: how many elements of a collection to weigh; zero weighs all, which takes time.
    public nonisolated(nonsending) func memoryUsage(_ key: some RedisArgument, samples: Int = 5) async throws -> Int? {
        try await self.send(RedisCommand("MEMORY", "USAGE", key, "SAMPLES", samples), as: Int?.self)
    }

    /// Returns the server's clients, each as the fields of its line.
    public nonisolated(nonsending) func clientList() async throws -> [[String: String]] {
        let text = try await self.send(RedisCommand("CLIENT", "LIST"), as: [UInt8].self)
        return ClientLine.parse(String(decoding: text, as: UTF8.self))
    }

    /// Returns the slowest commands the server remembers, the latest first.
    public nonisolated(nonsending) func slowlog(limit: Int = 128) async throws -> [RedisSlowlogEntry] {
        try await self.send(RedisCommand("SLOWLOG", "GET", limit), as: [RedisSlowlogEntry].self)
    }

    /// Returns whether the server is a primary, a replica or a Sentinel.
    public nonisolated(nonsending) func role() async throws -> RedisRole {
        try await self.send(RedisCommand("ROLE"), as: RedisRole.self)
    }
}

/// A line of `CLIENT LIST`.
enum ClientLine {
    static func parse(_ text: String) -> [[String: String]] {
        text.split(separator: "\n").map { line -> [String: String] in
            var fields: [String: String] = [:]
            for field in line.split(separator: " " as Character) {
                guard let mark = field.firstIndex(of: "=") else { continue }
                fields[String(field[..<mark])] = String(field[mark...].dropFirst())
            }
            return fields
        }
    }
}
