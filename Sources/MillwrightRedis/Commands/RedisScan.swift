// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension RedisSending {
    /// Returns the keys of the database without holding the server up, each once.
    ///
    /// Keys that are there all the while are found; those that come or go meanwhile may be. A server returns a key twice when its
    /// table grows or shrinks; to leave those out the sequence remembers each key it has given.
    ///
    /// - Parameters:
    ///   - pattern: a glob pattern, such as `RedisPattern.prefix("erp:")`; `nil` means all keys.
    ///   - type: only keys of this type, such as `string` or `hash`.
    ///   - batch: about how many keys the server looks at per round trip.
    public func scan(
        matching pattern: (any RedisArgument)? = nil,
        type: String? = nil,
        batch: Int = 500
    ) -> RedisScan<Self> {
        RedisScan(sender: self, pattern: pattern, type: type, batch: batch)
    }
}

/// The keys of a database, each once.
///
/// ```swift
/// let client = RedisClient(try RedisConfiguration("redis://127.0.0.1"))
/// for try await key in client.scan(type: "hash") {
///     print(String(decoding: key, as: UTF8.self))
/// }
/// ```
public struct RedisScan<Sender: RedisSending>: AsyncSequence, Sendable {
    let sender: Sender
    let pattern: (any RedisArgument)?
    let type: String?
    let batch: Int

    /// Begins a scan.
    public func makeAsyncIterator() -> Iterator { Iterator(scan: self) }

    /// A scan under way.
    public struct Iterator: AsyncIteratorProtocol {
        let scan: RedisScan
        private var cursor: String? = "0"
        private var keys: [[UInt8]] = []
        private var position = 0
        private var seen: Set<[UInt8]> = []

        init(scan: RedisScan) { self.scan = scan }

        /// Returns the next key, `nil` at the end.
        public mutating func next() async throws -> [UInt8]? {
            while true {
                while self.position < self.keys.count {
                    defer { self.position += 1 }
                    if self.seen.insert(self.keys[self.position]).inserted { return self.keys[self.position] }
                }
                guard let cursor else { return nil }
                // A page may be empty although there is more.
                try await self.fetch(from: cursor)
            }
        }

        private mutating func fetch(from cursor: String) async throws {
            let answer = try await self.scan.sender.send(self.scan.command(cursor: cursor), timeout: nil)
            guard let parts = answer.elements, parts.count == 2 else {
                throw RedisError.cannotDecode(answer, as: "a page")
            }
            let next = try parts[0].decode(as: String.self)
            self.cursor = next == "0" ? nil : next
            self.keys = try parts[1].decode()
            self.position = 0
        }
    }

    func command(cursor: String) -> RedisCommand {
        var command = RedisCommand("SCAN", cursor)
        if let pattern {
            command.append("MATCH")
            command.append(pattern)
        }
        command.append("COUNT")
        command.append(Swift.max(1, self.batch))
        if let type {
            command.append("TYPE")
            command.append(type)
        }
        return command
    }
}

/// Glob patterns as Redis matches keys with them.
///
/// ```swift
/// let client = RedisClient(try RedisConfiguration("redis://127.0.0.1"))
/// for try await key in client.scan(matching: RedisPattern.prefix("erp[1]:")) {
///     print(key.count)
/// }
/// ```
public enum RedisPattern {
    /// Returns `text` so that it matches itself alone, whatever signs it holds.
    public static func escaped(_ text: some RedisArgument) -> [UInt8] {
        let special = Set("*?[]\\".utf8)
        return text.withRedisBytes { bytes in
            bytes.flatMap { special.contains($0) ? [UInt8(ascii: "\\"), $0] : [$0] }
        }
    }

    /// Returns the pattern of all keys that begin with `prefix`.
    public static func prefix(_ prefix: some RedisArgument) -> [UInt8] { self.escaped(prefix) + Array("*".utf8) }
}
