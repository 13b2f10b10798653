// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// Where sessions live, and how: `sessions`.
public struct SessionSettings: Sendable, Hashable {
    /// The cache that answers first.
    public var cacheAlias: String
    /// The database that holds the truth.
    public var database: String
    /// How long a session lives that is not used: 14 days.
    public var idleLifetime: Duration = .seconds(14 * 86_400)
    /// How long a session lives at most; for ever where `nil`.
    public var absoluteLifetime: Duration?
    /// How much of the idle lifetime must have passed before a use puts the end off: 60 s.
    public var touchAfter: Duration = .seconds(60)
    /// How long a command may take before Redis is given up: 250 ms.
    public var redisTimeout: Duration = .milliseconds(250)
    /// How long a statement, and a wait for a connection, may take before PostgreSQL is given up: 1 s.
    public var databaseTimeout: Duration = .seconds(1)
    /// For how long a node relies on what it last read about the copy: 200 ms.
    public var lease: Duration = .milliseconds(200)
    /// Whether sessions are read from Redis while PostgreSQL is down.
    public var readsWithoutDatabase = true
    /// Who decides whether Redis is used, from when a node starts: `auto`, `redis` or `database`; `nil` leaves that as it is.
    public var failover: String?
    /// What payloads are encrypted with, as `name:key`, the newest first; stored as they are where empty.
    public var encryptionKeys: [Secret<String>] = []
    /// The cookie's name; one that begins with `__Host-` is bound to the host by the browser.
    public var cookieName = "sessionid"
    /// Whether the cookie is sent over TLS only.
    public var isCookieSecure = true
    /// `lax`, `strict` or `none`.
    public var cookieSameSite = "lax"

    /// Creates the settings; what is left out is the default.
    public init(
        cacheAlias: String,
        database: String
    ) {
        self.cacheAlias = cacheAlias
        self.database = database
    }
}
