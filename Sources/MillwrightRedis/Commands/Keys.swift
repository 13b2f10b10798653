// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension RedisSending {
    /// Asks whether the server answers.
    public nonisolated(nonsending) func ping() async throws { _ = try await self.send(RedisCommand("PING")) }

    /// Deletes keys, freeing their memory in the background, and returns how many there were.
    @discardableResult
    public nonisolated(nonsending) func unlink(_ keys: [some RedisArgument]) async throws -> Int {
        keys.isEmpty ? 0 : try await self.send(RedisCommand("UNLINK", arguments: keys), as: Int.self)
    }

    /// Deletes keys at once and returns how many there were.
    @discardableResult
    public nonisolated(nonsending) func del(_ keys: [some RedisArgument]) async throws -> Int {
        keys.isEmpty ? 0 : try await self.send(RedisCommand("DEL", arguments: keys), as: Int.self)
    }

    /// Deletes a key at once and returns whether there was one.
    @discardableResult
    public nonisolated(nonsending) func del(_ key: some RedisArgument) async throws -> Bool {
        try await self.send(RedisCommand("DEL", key), as: Bool.self)
    }

    /// Returns whether there is such a key.
    public nonisolated(nonsending) func exists(_ key: some RedisArgument) async throws -> Bool {
        try await self.send(RedisCommand("EXISTS", key), as: Bool.self)
    }

    /// Gives a key a time to live, in whole milliseconds rounded up, and returns whether there is such a key.
    ///
    /// Zero or less deletes the key, as Redis does it.
    @discardableResult
    public nonisolated(nonsending) func expire(_ key: some RedisArgument, in time: Duration) async throws -> Bool {
        try await self.send(RedisCommand("PEXPIRE", key, time.wholeMilliseconds), as: Bool.self)
    }

    /// Returns how long a key has left.
    public nonisolated(nonsending) func timeToLive(_ key: some RedisArgument) async throws -> RedisTimeToLive {
        RedisTimeToLive(milliseconds: try await self.send(RedisCommand("PTTL", key), as: Int.self))
    }
}

/// How long a key has left.
///
/// ```swift
/// let client = RedisClient(try RedisConfiguration("redis://127.0.0.1"))
/// switch try await client.timeToLive("session:1") {
/// case .missing: print("gone")
/// case .persistent: print("stays")
/// case .expires(let time): print("goes in", time)
/// }
/// ```
public enum RedisTimeToLive: Sendable, Hashable {
    /// There is no such key.
    case missing
    /// It stays.
    case persistent
    /// It goes after this time.
    case expires(in: Duration)

    /// Reads what `PTTL` answers.
    init(milliseconds: Int) {
        self =
            switch milliseconds {
            case -2: .missing
            case -1: .persistent
            default: .expires(in: .milliseconds(milliseconds))
            }
    }
}

extension Duration {
    /// Whole milliseconds, rounded up: half a millisecond to live is not none.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = self.components
        let (product, overflow) = Int(seconds).multipliedReportingOverflow(by: 1_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let milliseconds = 1_000_000_000_000_000
        let whole = Int(attoseconds) / milliseconds
        let roundedUp = Int(attoseconds) % milliseconds > 0 ? whole + 1 : whole
        return product.addingReportingOverflow(roundedUp).partialValue
    }
}
