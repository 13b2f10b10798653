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
        self.state.withLock { $0.isUpkeepRunning = true }
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
        var signedAt: Duration?
        var signedServer: String?
        var isPrepared = false
        while !Task.isCancelled {
            let now = self.now
            let link = self.state.withLock { $0.node.link?.serverID }
            let isDue = signedAt.map { now - $0 >= .seconds(1) } ?? true
            do {
                if !isPrepared {
                    try await self.register.prepare(lease: self.configuration.lease)
                    if let mode = self.configuration.mode {
                        try await self.registering { try await self.register.force(mode) }
                    }
                    try await self.register.forget()
                    isPrepared = true
                }
                let signs = isDue || link != signedServer ? self.signs : nil
                try await self.look(serverID: link, signs: signs)
                if signs != nil { (signedAt, signedServer) = (now, link) }
                try await self.maintain()
            } catch let error as PostgresError {
                if error.sqlState == "42P01" || error.sqlState == "3F000" { throw SessionError(.notSetUp) }
                if error.isOutage || error.code == .timedOut || error.code == .poolExhausted {
                    self.state.withLock { $0.isDatabaseDown = true }
                }
            } catch let error as SessionError where error.code == .unavailable {
                // The next look finds out.
            }
            try await Task.sleep(for: self.interval)
        }
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
        let owed = self.state.withLock { $0.owesSuspicion ? $0.node.trust : nil }
        if let owed {
            if owed.phase != .suspect {
                try await self.suspect(owed.generation, reason: "a write was cut short")
            }
            self.state.withLock { $0.owesSuspicion = false }
        }
        let now = self.now
        let upkeep = self.state.withLock { state in
            state.node.upkeep(at: now, allReach: state.allReach, quiet: self.configuration.quiet)
        }
        switch upkeep {
        case .none: break
        case .relink: self.state.withLock { $0.wantsRelink = true }
        case .suspect(let generation): try await self.suspect(generation, reason: "Redis is another server now")
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
