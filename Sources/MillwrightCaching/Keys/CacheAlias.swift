// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// One entry of `caches:` in the settings: where its keys live and how they are named.
public struct CacheAlias: Sendable, Hashable {
    /// The alias: `default`, `sessions`.
    public var name: String
    /// The server behind it, without credentials: `127.0.0.1:6379` or a socket's path.
    ///
    /// Aliases with the same endpoint
    /// share one server, its memory and its eviction policy.
    public var endpoint: String
    /// The Redis database number.
    public var database: Int
    /// What every key begins with.
    public var keyPrefix: String
    /// The version segment of every key; raising it makes all older keys unreachable at once.
    public var version: Int
    /// How long a value lives unless its writer says otherwise; `nil` keeps values for ever.
    public var timeout: Duration?
    /// Whether losing a key logs somebody out.
    public var holdsSessions: Bool

    /// Creates an alias; the one called `sessions` holds sessions unless told otherwise.
    public init(
        _ name: String,
        endpoint: String,
        database: Int = 0,
        keyPrefix: String = "",
        version: Int = 1,
        timeout: Duration? = .seconds(300),
        holdsSessions: Bool? = nil
    ) {
        self.name = name
        self.endpoint = endpoint
        self.database = database
        self.keyPrefix = keyPrefix
        self.version = version
        self.timeout = timeout
        self.holdsSessions = holdsSessions ?? (name == "sessions")
    }

    /// The endpoint and database number: aliases that agree in it share one key space.
    public var keySpace: String { "\(self.endpoint)/\(self.database)" }
}
