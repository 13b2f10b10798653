// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightRedis

/// One cache alias as the workload uses it.
public struct WorkloadCache: Sendable {
    /// The aliases that the workload reads from.
    public static let aliases = ["default", "sessions", "database"]

    /// The alias, one of `aliases`.
    public let alias: String
    /// The client that leads to it.
    public let client: RedisClient
    /// What every key begins with.
    public let keyPrefix: String
    /// The number that follows the prefix in every key.
    public let version: Int
    /// How long a value lives.
    public let timeout: Duration

    /// Creates a cache; where `timeout` is `nil` values live for an hour, for nothing is left behind for ever.
    public init(alias: String, client: RedisClient, keyPrefix: String, version: Int = 1, timeout: Duration?) {
        self.alias = alias
        self.client = client
        self.keyPrefix = keyPrefix
        self.version = version
        self.timeout = timeout ?? .seconds(3600)
    }
}

extension WorkloadCache {
    /// Reads a key, and writes it where nothing is found; true where something was.
    func getOrSet(_ key: String, bytes: Int) async throws -> Bool {
        // Django's layout: prefix, version, key.
        let name = "\(self.keyPrefix):\(self.version):\(key)"
        if try await self.client.get(name) != nil { return true }
        let value = [UInt8](repeating: UInt8(ascii: "x"), count: bytes)
        try await self.client.set(name, value, expiresIn: self.timeout)
        return false
    }

    /// Adds reads to the counts that every process of this alias shares.
    ///
    /// The hash lies in the alias's own database; it is the one that `cache_stats` reads.
    func count(_ reads: [Tally.Group: (hits: Int, misses: Int)], since: Int) async throws {
        let hash = "millwright:hits:\(self.alias)"
        let own = reads.filter { $0.key.alias == self.alias }.sorted { $0.key < $1.key }
        guard !own.isEmpty else { return }
        var commands = [RedisCommand("HSETNX", hash, "since", since)]
        for (group, counts) in own {
            if counts.hits > 0 { commands.append(RedisCommand("HINCRBY", hash, "\(group.name):hits", counts.hits)) }
            if counts.misses > 0 {
                commands.append(RedisCommand("HINCRBY", hash, "\(group.name):misses", counts.misses))
            }
        }
        _ = try await self.client.pipeline(commands)
    }
}
