// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A command that took long.
///
/// ```swift
/// let client = RedisClient(try RedisConfiguration("redis://127.0.0.1"))
/// for entry in try await client.slowlog(limit: 10) {
///     print(entry.duration, entry.clientName)
/// }
/// ```
public struct RedisSlowlogEntry: Sendable, Hashable, RedisDecodable {
    /// Its number; a number of the server's life.
    public var id: Int
    /// When it ran, in seconds since 1970.
    public var secondsSince1970: Int
    /// How long it ran, without waiting and without sending the answer.
    public var duration: Duration
    /// Its words, shortened by the server; they hold keys and values.
    public var arguments: [[UInt8]]
    /// The address of who sent it; empty before Redis 4.
    public var client: String
    /// The name of who sent it.
    public var clientName: String

    /// Reads one entry of `SLOWLOG GET`.
    public init(redis value: RedisValue) throws {
        guard let parts = value.elements, parts.count >= 4 else { throw RedisError.cannotDecode(value, as: "an entry") }
        self.id = try parts[0].decode()
        self.secondsSince1970 = try parts[1].decode()
        self.duration = .microseconds(try parts[2].decode(as: Int.self))
        self.arguments = try parts[3].decode()
        self.client = parts.count > 4 ? String(decoding: parts[4].bytes ?? [], as: UTF8.self) : ""
        self.clientName = parts.count > 5 ? String(decoding: parts[5].bytes ?? [], as: UTF8.self) : ""
    }
}
