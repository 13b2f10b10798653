// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What one Redis server says about itself.
///
/// All of it is server-wide: every database and every application together.
public struct ServerFacts: Sendable, Hashable {
    /// The server's version: `7.0.15`.
    public var version: String
    /// `master` or `slave`, in Redis's own words.
    public var role: String
    /// How long it has been up.
    public var uptimeSeconds: Int
    /// Memory taken by data and buffers.
    public var usedBytes: Int
    /// The limit; 0 where none is set, `nil` where the server does not tell.
    public var maximumBytes: Int?
    /// `maxmemory-policy`, `nil` where the server does not tell.
    public var evictionPolicy: String?
    /// Keys thrown out to make room, since the server started.
    public var evictedKeys: Int
    /// Keys that expired, since the server started.
    public var expiredKeys: Int
    /// Reads that found something, since the server started.
    public var keyspaceHits: Int
    /// Reads that found nothing, since the server started.
    public var keyspaceMisses: Int
    /// Connected clients now.
    public var clients: Int
    /// Connections refused for `maxclients`, since the server started.
    public var rejectedConnections: Int

    /// The share of `maxmemory` in use, `nil` where there is no limit.
    public var memoryShare: Double? {
        guard let maximum = self.maximumBytes, maximum > 0 else { return nil }
        return Double(self.usedBytes) / Double(maximum)
    }
}

extension ServerFacts {
    /// Reads the fields of `INFO`.
    ///
    /// `maxmemory` and its policy are there since Redis 4.0, but some hosted servers leave
    /// them out; they are then asked for by `CONFIG GET`.
    public init(info: [String: String]) {
        func count(_ key: String) -> Int { info[key].flatMap { Int($0) } ?? 0 }
        self.init(
            version: info["redis_version"] ?? "unknown",
            role: info["role"] ?? "unknown",
            uptimeSeconds: count("uptime_in_seconds"),
            usedBytes: count("used_memory"),
            maximumBytes: info["maxmemory"].flatMap { Int($0) },
            evictionPolicy: info["maxmemory_policy"],
            evictedKeys: count("evicted_keys"),
            expiredKeys: count("expired_keys"),
            keyspaceHits: count("keyspace_hits"),
            keyspaceMisses: count("keyspace_misses"),
            clients: count("connected_clients"),
            rejectedConnections: count("rejected_connections")
        )
    }
}
