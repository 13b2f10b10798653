// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPooling
public import MillwrightPostgres
public import MillwrightRedis
import Synchronization

/// What a host or a command asks for databases and caches by alias.
///
/// Nothing is opened until it is asked for, and what was opened is opened once.
public final class Toolkit: Sendable {
    /// The settings it works by.
    public let settings: Settings

    private let databases = Mutex<[String: PostgresClient]>([:])
    private let caches = Mutex<[String: RedisClient]>([:])
    let openedSessions = Mutex<OpenedSessions?>(nil)

    /// Creates a toolkit; opens nothing.
    public init(settings: Settings) {
        self.settings = settings
    }

    /// The settings of a database; an unknown alias is an error that names the nearest.
    public func databaseSettings(_ alias: String = "default") throws -> DatabaseSettings {
        if let database = self.settings.databases[alias] { return database }
        throw UnknownAlias(
            alias: alias,
            kind: "database",
            key: "databases.\(alias).url",
            variable: alias == "default" ? "DATABASE_URL" : SettingsKey(["databases", alias, "url"]).variable,
            known: self.settings.databases.keys.sorted()
        ).error
    }

    /// The settings of a cache; an unknown alias is an error that names the nearest.
    public func cacheSettings(_ alias: String = "default") throws -> CacheSettings {
        if let cache = self.settings.caches[alias] { return cache }
        throw UnknownAlias(
            alias: alias,
            kind: "cache",
            key: "caches.\(alias).location",
            variable: alias == "default" ? "REDIS_URL" : SettingsKey(["caches", alias, "location"]).variable,
            known: self.settings.caches.keys.sorted()
        ).error
    }

    /// The client of a database; the first call for an alias makes it, a connection is opened by its first statement.
    public func database(_ alias: String = "default") throws -> PostgresClient {
        let settings = try self.databaseSettings(alias)
        return self.databases.withLock { clients in
            if let client = clients[alias] { return client }
            let client = PostgresClient(PostgresConfiguration(settings), observation: PoolObservation(alias))
            clients[alias] = client
            return client
        }
    }

    /// The client of a cache; the first call for an alias makes it, a connection is opened by its first command.
    ///
    /// Each alias has a pool of its own, even where two lead to the same server: their limits and timeouts differ.
    public func cache(_ alias: String = "default") throws -> RedisClient {
        let configuration = try RedisConfiguration(try self.cacheSettings(alias))
        return self.caches.withLock { clients in
            if let client = clients[alias] { return client }
            let client = RedisClient(configuration, observation: PoolObservation(alias))
            clients[alias] = client
            return client
        }
    }

    /// Closes everything that was opened; what is asked for afterwards is opened anew.
    public func close() async {
        let databases = self.databases.withLock { clients in
            defer { clients = [:] }
            return clients
        }
        let caches = self.caches.withLock { clients in
            defer { clients = [:] }
            return clients
        }
        let sessions = self.openedSessions.withLock { opened in
            defer { opened = nil }
            return opened
        }
        await sessions?.close()
        for client in databases.values { await client.close() }
        for client in caches.values { await client.close() }
    }
}
