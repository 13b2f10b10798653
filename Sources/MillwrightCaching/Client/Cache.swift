// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightRedis

/// A small cache client over one alias: keys get its prefix and version, values its timeout, and every read is counted.
///
/// An error of the server is thrown by `get` and counted as an error, never as a miss. `getOrSet` goes on without the
/// cache instead: a server that is down makes its callers slower, not wrong.
public struct Cache: Sendable {
    /// Where the keys live and how they are named.
    public let alias: CacheAlias
    /// What became of the reads; `flushCounts` adds them to those of other processes.
    public let counters: HitCounters
    let redis: any RedisSending
    private let layout: KeyLayout

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - alias: the alias.
    ///   - redis: a connection or client that has selected the alias's database.
    ///   - counters: where reads are counted; clients of the same alias in one process should share it.
    public init(_ alias: CacheAlias, redis: any RedisSending, counters: HitCounters = HitCounters()) {
        self.alias = alias
        self.redis = redis
        self.counters = counters
        self.layout = KeyLayout(alias)
    }

    /// Returns a value, or `nil` where there is none.
    ///
    /// - Throws: `RedisError` where the server could not be asked.
    public func get(_ key: String) async throws -> [UInt8]? {
        do {
            let value = try await self.redis.send(RedisCommand("GET", self.layout.stored(key))).decode(
                as: [UInt8]?.self
            )
            self.counters.record(value == nil ? .miss : .hit, key: key)
            return value
        } catch let error as RedisError {
            self.counters.record(.error, key: key)
            throw error
        }
    }

    /// Stores a value; a timeout of zero or less deletes what is there.
    public func set(_ key: String, to value: [UInt8], for timeout: CacheTimeout = .standard) async throws {
        let name = self.layout.stored(key)
        switch timeout.expiry(standard: self.alias.timeout) {
        case .persist: _ = try await self.redis.send(RedisCommand("SET", name, value))
        case .milliseconds(let span): _ = try await self.redis.send(RedisCommand("SET", name, value, "PX", span))
        case .delete: _ = try await self.redis.send(RedisCommand("UNLINK", name))
        }
    }

    /// Stores a value where there is none, and returns whether it did; a timeout of zero or less touches nothing.
    public func add(_ key: String, _ value: [UInt8], for timeout: CacheTimeout = .standard) async throws -> Bool {
        let name = self.layout.stored(key)
        switch timeout.expiry(standard: self.alias.timeout) {
        case .persist: return try await !self.redis.send(RedisCommand("SET", name, value, "NX")).isNull
        case .milliseconds(let span):
            return try await !self.redis.send(RedisCommand("SET", name, value, "NX", "PX", span)).isNull
        case .delete: return false
        }
    }

    /// Deletes a value, and returns whether there was one.
    @discardableResult
    public func delete(_ key: String) async throws -> Bool {
        try await self.redis.send(RedisCommand("UNLINK", self.layout.stored(key))).decode(as: Int.self) > 0
    }

    /// Returns the value, or makes, stores and returns it.
    ///
    /// Where the server fails the value is made and returned all the same; errors of `make` are thrown and not cached.
    public func getOrSet(
        _ key: String,
        for timeout: CacheTimeout = .standard,
        isolation: isolated (any Actor)? = #isolation,
        make: () async throws -> [UInt8]
    ) async throws -> [UInt8] {
        do {
            if let value = try await self.get(key) { return value }
        } catch is RedisError {
            // A server that did not answer the read is not asked to store: that would cost a second timeout.
            return try await make()
        }
        let value = try await make()
        do {
            try await self.set(key, to: value, for: timeout)
        } catch is RedisError {
            // The caller has its value; the next reader makes it again.
        }
        return value
    }
}
