// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// One cache of the settings: `caches.<alias>`.
public struct CacheSettings: Sendable, Hashable {
    /// The name other settings and `--cache` use.
    public var alias: String
    /// Where it is: `redis://`, `redis+sentinel://` or `unix://`; it may hold a password.
    public var location: Secret<String>
    /// The addresses of Sentinels; with them, the host of `location` is the name that they know the primary by.
    public var sentinels: [String]
    /// The Sentinels' own user.
    public var sentinelUser: String?
    /// The Sentinels' own password.
    public var sentinelPassword: Secret<String>?
    /// What every key begins with.
    public var keyPrefix: String
    /// The version in every key, between the prefix and the name.
    public var version: Int
    /// How long an entry lives; `nil` for ever.
    public var timeout: Duration?
    /// How values are compressed: `none` or `zlib`.
    public var compressor: String
    /// How values are written: `json` or `raw`.
    public var serializer: String
    /// The most connections the pool lends (`max_connections`), beside the one that plain commands share.
    public var maximumConnections: Int
    /// How many connections the pool keeps open, once one was lent (`min_connections`).
    public var minimumConnections: Int
    /// How long a connection may take to open.
    public var connectTimeout: Duration
    /// How long a command may take.
    public var commandTimeout: Duration
    /// How long a task may wait for a connection of its own (`acquire_timeout`).
    public var acquireTimeout: Duration
    /// How old a connection of the pool may become before it is replaced (`conn_max_age`); `nil` for ever.
    public var maximumAge: Duration?
    /// How long a connection beyond the minimum may be idle (`conn_idle_timeout`); `nil` for ever.
    public var idleTimeout: Duration?

    /// Creates the settings; what is left out is the default.
    public init(
        alias: String,
        location: Secret<String>,
        sentinels: [String] = [],
        sentinelUser: String? = nil,
        sentinelPassword: Secret<String>? = nil,
        keyPrefix: String = "",
        version: Int = 1,
        timeout: Duration? = .seconds(300),
        compressor: String = "none",
        serializer: String = "json",
        maximumConnections: Int = 10,
        minimumConnections: Int = 0,
        connectTimeout: Duration = .seconds(1),
        commandTimeout: Duration = .seconds(1),
        acquireTimeout: Duration = .seconds(1),
        maximumAge: Duration? = nil,
        idleTimeout: Duration? = .seconds(600)
    ) {
        self.alias = alias
        self.location = location
        self.sentinels = sentinels
        self.sentinelUser = sentinelUser
        self.sentinelPassword = sentinelPassword
        self.keyPrefix = keyPrefix
        self.version = version
        self.timeout = timeout
        self.compressor = compressor
        self.serializer = serializer
        self.maximumConnections = maximumConnections
        self.minimumConnections = minimumConnections
        self.connectTimeout = connectTimeout
        self.commandTimeout = commandTimeout
        self.acquireTimeout = acquireTimeout
        self.maximumAge = maximumAge
        self.idleTimeout = idleTimeout
    }
}
