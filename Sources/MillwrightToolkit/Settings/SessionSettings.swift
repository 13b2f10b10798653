// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Where sessions live: `sessions`.
public struct SessionSettings: Sendable, Hashable {
    /// The cache that answers first.
    public var cacheAlias: String
    /// The database that holds the truth.
    public var database: String

    /// Creates the settings; what is left out is the default.
    public init(
        cacheAlias: String,
        database: String
    ) {
        self.cacheAlias = cacheAlias
        self.database = database
    }
}
