// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCaching
import MillwrightCore
import MillwrightPooling
import MillwrightPostgres
import MillwrightRedis
import Synchronization

extension Toolkit {
    /// The store of the sessions that the settings name; the first call makes it, and its connections are its own.
    ///
    /// Whoever serves requests runs ``MillwrightCaching/SessionStore/run()`` beside them: without it the copy in Redis is not used.
    ///
    /// - Throws: `ToolError` with the exit code 78 where the settings name no sessions, or what cannot be.
    public func sessions() throws -> SessionStore { try self.opened().store }

    /// What was opened for the sessions.
    struct OpenedSessions: Sendable {
        let store: SessionStore
        let clients: [PostgresClient]
        let redis: RedisClient

        func close() async {
            for client in self.clients { await client.close() }
            await self.redis.close()
        }
    }

    /// The settings of the sessions.
    ///
    /// - Throws: `ToolError` with the exit code 78 where there are none.
    public func sessionSettings() throws -> SessionSettings {
        if let sessions = self.settings.sessions { return sessions }
        throw ToolError(
            .settings,
            tried: "Tried to open the sessions.",
            stopped: "The settings do not say where they live.",
            next: "Write `sessions: { cache_alias: sessions, database: default }`."
        )
    }

    private func opened() throws -> OpenedSessions {
        try self.openedSessions.withLock { opened in
            if let opened { return opened }
            let made = try self.openSessions()
            opened = made
            return made
        }
    }

    private func openSessions() throws -> OpenedSessions {
        let settings = try self.sessionSettings()
        var database = PostgresConfiguration(try self.databaseSettings(settings.database))
        database.acquireTimeout = min(database.acquireTimeout, settings.databaseTimeout)
        database.connectTimeout = min(database.connectTimeout, settings.databaseTimeout)
        var upkeep = database
        upkeep.maximumConnections = 2
        var redis = try RedisConfiguration(try self.cacheSettings(settings.cacheAlias))
        redis.connectTimeout = min(redis.connectTimeout, settings.redisTimeout)
        redis.commandTimeout = min(redis.commandTimeout, settings.redisTimeout)
        redis.breakerBackoff.cap = .seconds(1)
        let clients = [
            PostgresClient(database, observation: PoolObservation("sessions")),
            PostgresClient(upkeep, observation: PoolObservation("sessions_upkeep")),
        ]
        let client = RedisClient(redis, observation: PoolObservation("sessions"))
        do {
            let store = try SessionStore(
                try SessionConfiguration(settings, alias: try self.cacheAlias(settings.cacheAlias)),
                database: clients[0],
                register: clients[1],
                redis: client
            )
            return OpenedSessions(store: store, clients: clients, redis: client)
        } catch let error as SessionError {
            throw ToolError(
                .settings,
                tried: "Tried to set up the sessions.",
                stopped: error.description,
                next: "Correct `sessions` in the settings."
            )
        }
    }
}

extension SessionConfiguration {
    /// How the settings say that sessions live.
    init(_ settings: SessionSettings, alias: CacheAlias) throws {
        self.init(alias: alias)
        self.idleLifetime = settings.idleLifetime
        self.absoluteLifetime = settings.absoluteLifetime
        self.touchAfter = settings.touchAfter
        self.redisTimeout = settings.redisTimeout
        self.databaseTimeout = settings.databaseTimeout
        self.lease = settings.lease
        self.readsWithoutDatabase = settings.readsWithoutDatabase
        self.mode = settings.failover.flatMap { SessionTrust.Mode(rawValue: $0) }
        if !settings.encryptionKeys.isEmpty { self.encryption = try SessionEncryption(settings.encryptionKeys) }
    }
}
