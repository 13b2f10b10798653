// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// When `SET` writes.
///
/// ```swift
/// let client = RedisClient(try RedisConfiguration("redis://127.0.0.1"))
/// let isOurs = try await client.set("lock:import", "host-1", expiresIn: .seconds(30), if: .ifMissing)
/// print(isOurs)
/// ```
public enum RedisSetCondition: Sendable, Hashable {
    /// Always.
    case always
    /// Only where there is no such key (`NX`).
    case ifMissing
    /// Only where there is such a key (`XX`).
    case ifPresent
}

/// What `SET` does with a key's time to live.
///
/// ```swift
/// let client = RedisClient(try RedisConfiguration("redis://127.0.0.1"))
/// try await client.set("session:1", "data", expiry: .after(.seconds(1_800)))
/// try await client.set("session:1", "newer data", expiry: .keep)
/// ```
public enum RedisExpiry: Sendable, Hashable {
    /// The key stays, whatever it had.
    case none
    /// The key goes after this time, in whole milliseconds rounded up; zero or less is an error.
    case after(Duration)
    /// The key keeps the time it has (`KEEPTTL`); a new key stays.
    case keep
}

extension RedisSending {
    /// Returns a value's bytes, `nil` where there is no such key.
    @inlinable
    public nonisolated(nonsending) func get(_ key: some RedisArgument) async throws -> [UInt8]? {
        try await self.send(RedisCommand("GET", key), timeout: nil).bytesIfAny()
    }

    /// Returns a value as `type`, `nil` where there is no such key.
    @inlinable
    public nonisolated(nonsending) func get<Value: RedisDecodable>(_ key: some RedisArgument, as type: Value.Type)
        async throws -> Value?
    {
        let value = try await self.send(RedisCommand("GET", key), timeout: nil)
        return value.isNull ? nil : try Value(redis: value)
    }

    /// Stores a value and returns whether it was: with a condition, it may not be.
    @inlinable @discardableResult
    public nonisolated(nonsending) func set(
        _ key: some RedisArgument,
        _ value: some RedisArgument,
        expiry: RedisExpiry = .none,
        if condition: RedisSetCondition = .always
    ) async throws -> Bool {
        var command = RedisCommand("SET", key, value)
        try command.append(expiry)
        switch condition {
        case .always: break
        case .ifMissing: command.append("NX")
        case .ifPresent: command.append("XX")
        }
        return try await self.send(command).isNull == false
    }

    /// Stores a value for a time and returns whether it was: with a condition, it may not be.
    @inlinable @discardableResult
    public nonisolated(nonsending) func set(
        _ key: some RedisArgument,
        _ value: some RedisArgument,
        expiresIn time: Duration,
        if condition: RedisSetCondition = .always
    ) async throws -> Bool {
        try await self.set(key, value, expiry: .after(time), if: condition)
    }

    /// Adds to a number and returns the sum; a missing key counts as zero.
    @discardableResult
    public nonisolated(nonsending) func incr(_ key: some RedisArgument, by amount: Int = 1) async throws -> Int {
        try await self.send(RedisCommand("INCRBY", key, amount), as: Int.self)
    }

    /// Returns the values of keys in their order, `nil` for each that is missing or no string.
    public nonisolated(nonsending) func mget(_ keys: [some RedisArgument]) async throws -> [[UInt8]?] {
        keys.isEmpty ? [] : try await self.send(RedisCommand("MGET", arguments: keys), as: [[UInt8]?].self)
    }
}

extension RedisCommand {
    @usableFromInline
    mutating func append(_ expiry: RedisExpiry) throws {
        switch expiry {
        case .none: break
        case .keep: self.append("KEEPTTL")
        case .after(let time):
            guard time > .zero else {
                throw RedisError(.usage, hint: "A value cannot be stored for no time at all; delete the key instead.")
            }
            self.append("PX")
            self.append(time.wholeMilliseconds)
        }
    }
}
