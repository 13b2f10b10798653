// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightRedis
import Synchronization

extension SessionStore {
    /// Keeps the node's knowledge fresh, and brings the copy back after an outage; it runs until its task is cancelled.
    ///
    /// Without it everything works, from PostgreSQL alone.
    ///
    /// - Throws: ``SessionError`` where the tables are missing; `CancellationError`.
    public func run() async throws {
        self.state.withLock { state in
            state.isUpkeepRunning = true
            state.isUpkeepPrepared = false
        }
        defer {
            self.state.withLock { state in
                state.isUpkeepRunning = false
                state.isDatabaseDown = false
            }
        }
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.watchRedis() }
                group.addTask { try await self.watchDatabase() }
                try await group.waitForAll()
            }
        } catch {
            // Whoever looks for the nodes that live need not wait for this one.
            await Task { try? await self.register.leave() }.value
            throw error
        }
    }

    private var interval: Duration { self.configuration.lease / 3 }

    // MARK: PostgreSQL

    private func watchDatabase() async throws {
        var signing = Signing()
        while !Task.isCancelled {
            do {
                try await self.prepareUpkeep()
                try await self.look(&signing)
                try await self.maintain()
            } catch let error as PostgresError {
                // a column may be missing until `manage migrate` has run; without the tables nothing was ever set up
                if error.isOfMissingTables, error.sqlState != "42703" { throw SessionError(.notSetUp) }
                if error.isOutage || error.code == .timedOut || error.code == .poolExhausted {
                    self.state.withLock { $0.isDatabaseDown = true }
                }
            } catch let error as SessionError where error.code == .unavailable {
                // The next look finds out.
            } catch let error as SessionError where error == .missingRow {
                // In a database that was restored, say: it is made again.
                self.state.withLock { $0.isUpkeepPrepared = false }
            }
            try await Task.sleep(for: self.interval)
        }
    }

    /// What has to be done once, and again where PostgreSQL has lost the row of trust.
    private func prepareUpkeep() async throws {
        if self.state.withLock({ $0.isUpkeepPrepared }) { return }
        do {
            try await self.register.prepare(lease: self.configuration.lease)
            if let mode = self.configuration.mode {
                // Not by `registering`, which asks nobody while PostgreSQL is taken to be down: nothing has looked yet whether it is.
                let askedAt = self.now
                let trust = try await self.register.force(mode)
                let now = self.now
                self.state.withLock { $0.saw(trust, askedAt: askedAt, at: now) }
            }
            try await self.register.forget()
            self.state.withLock { $0.isUpkeepPrepared = true }
        } catch let error as PostgresError where error.isReadOnly {
            // It may have the row already, and can be read.
        }
    }

    /// When this node last said that it lives, and which Redis it reached then.
    private struct Signing {
        var at: Duration?
        var serverID: String?
    }

    private func look(_ signing: inout Signing) async throws {
        let now = self.now
        let link = self.state.withLock { $0.node.link?.serverID }
        let isDue = signing.at.map { now - $0 >= .seconds(1) } ?? true
        guard isDue || link != signing.serverID else { return try await self.look(serverID: link, signs: nil) }
        do {
            try await self.look(serverID: link, signs: self.signs)
        } catch let error as PostgresError where error.isReadOnly {
            // It takes no signs, but it answers.
            try await self.look(serverID: link, signs: nil)
        }
        signing = Signing(at: now, serverID: link)
    }

    private func look(serverID: String?, signs: String?) async throws {
        let askedAt = self.now
        let look = try await self.register.look(serverID: serverID, signs: signs)
        let now = self.now
        self.state.withLock { state in
            state.saw(look.trust, nowMilliseconds: look.nowMilliseconds, askedAt: askedAt, at: now)
            state.allReach = look.allReach
            state.drillShare = look.drillShare
        }
    }

    private func maintain() async throws {
        let (debts, trust) = self.state.withLock { ($0.suspicionsOwed, $0.node.trust) }
        if debts > 0, let trust {
            if trust.phase != .suspect {
                try await self.suspect(trust.generation, reason: "a write was cut short")
            }
            // What has come to be owed meanwhile is owed still.
            self.state.withLock { $0.suspicionsOwed -= debts }
        }
        let now = self.now
        let upkeep = self.state.withLock { state in
            state.node.upkeep(at: now, allReach: state.allReach, quiet: self.configuration.quiet)
        }
        switch upkeep {
        case .none: break
        case .relink: self.state.withLock { $0.wantsRelink = true }
        case .suspect(let generation): try await self.suspect(generation, reason: "Redis is another server now")
        case .renew(let generation):
            try await self.registering { try await self.register.renew(after: generation) }
        case .rebuild(let generation, let serverID):
            try await self.registering { try await self.register.rebuild(after: generation, serverID: serverID) }
        case .trust(let generation):
            try await self.registering { try await self.register.trust(generation: generation) }
        }
    }

    /// What the node says of itself.
    private var signs: String {
        let figures = self.state.withLock { $0.figures }
        return JSONValue.object([
            ("copy_reads", .int(figures.copyReads)), ("database_reads", .int(figures.databaseReads)),
            ("drill_reads", .int(figures.drillReads)), ("failed_reads", .int(figures.failedReads)),
            ("writes", .int(figures.writes)), ("failed_writes", .int(figures.failedWrites)),
            ("copy_us", .int(figures.copyMicroseconds)), ("database_us", .int(figures.databaseMicroseconds)),
            ("longest_database_us", .int(figures.longestDatabaseMicroseconds)),
        ]).text(pretty: false)
    }

    // MARK: Redis

    private func watchRedis() async throws {
        while !Task.isCancelled {
            let (link, connection, wantsRelink) = self.state.withLock { ($0.node.link, $0.connection, $0.wantsRelink) }
            if let link, let connection, !wantsRelink {
                _ = await self.ask(connection, link.number) {
                    try await connection.send(RedisCommand("PING"), timeout: self.configuration.redisTimeout)
                }
            } else {
                _ = await self.relink()
            }
            try await Task.sleep(for: self.interval)
        }
    }

    /// Looks for the primary, and returns whether one was found.
    @discardableResult
    func relink() async -> Bool {
        do {
            let copies = self.copies
            let found = try await self.redis.withSharedConnection { connection in
                (connection, try await copies.identify(connection))
            }
            guard let serverID = found.1 else { return false }
            let now = self.now
            self.state.withLock { $0.linked(found.0, to: serverID, at: now) }
            return true
        } catch {
            return false
        }
    }
}
