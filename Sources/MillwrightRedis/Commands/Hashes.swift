// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension RedisSending {
    /// Returns a hash's fields and values; empty where there is no such key.
    public nonisolated(nonsending) func hgetall(_ key: some RedisArgument) async throws -> [[UInt8]: [UInt8]] {
        try await self.hgetall(key, as: [UInt8].self, [UInt8].self)
    }

    /// Returns a hash's fields and values as these types; empty where there is no such key.
    public nonisolated(nonsending) func hgetall<Field: RedisDecodable & Hashable, Value: RedisDecodable>(
        _ key: some RedisArgument,
        as field: Field.Type,
        _ value: Value.Type
    ) async throws -> [Field: Value] {
        try await self.send(RedisCommand("HGETALL", key), as: [Field: Value].self)
    }

    /// Returns a field's bytes, `nil` where there is none.
    public nonisolated(nonsending) func hget(_ key: some RedisArgument, _ field: some RedisArgument) async throws
        -> [UInt8]?
    {
        try await self.send(RedisCommand("HGET", key, field), as: [UInt8]?.self)
    }

    /// Stores a field and returns whether it is new.
    @discardableResult
    public nonisolated(nonsending) func hset(
        _ key: some RedisArgument,
        _ field: some RedisArgument,
        _ value: some RedisArgument
    ) async throws -> Bool {
        try await self.send(RedisCommand("HSET", key, field, value), as: Bool.self)
    }

    /// Adds to a field's number and returns the sum; a missing field counts as zero.
    @discardableResult
    public nonisolated(nonsending) func hincrby(
        _ key: some RedisArgument,
        _ field: some RedisArgument,
        by amount: Int = 1
    ) async throws -> Int {
        try await self.send(RedisCommand("HINCRBY", key, field, amount), as: Int.self)
    }
}
