// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres
import MillwrightRedis
import Synchronization

extension SessionStore {
    /// Sees to it that no node goes on reading what a committed write has replaced; it returns when the write may be acknowledged.
    func settle(apply stored: StoredSession, _ key: String, committedIn run: Int) async throws {
        try await self.settle(run) { generation, connection in
            let now = self.now
            let left = stored.expiresAtMilliseconds - self.state.withLock { $0.databaseMilliseconds(at: now) }
            try await self.copies.apply(stored, key, generation, milliseconds: max(1, left), on: connection)
        }
    }

    /// Sees to it that no node goes on reading sessions that were ended.
    func settle(bury ended: [(key: String, version: Int)], committedIn run: Int) async throws {
        try await self.settle(run) { generation, connection in
            try await self.copies.bury(
                ended,
                generation,
                milliseconds: self.configuration.idleLifetime.wholeMilliseconds,
                on: connection
            )
        }
    }

    private func settle(_ run: Int, _ apply: (Int, RedisConnection) async throws -> Void) async throws {
        try await self.owing { try await self.carryOut(run, apply) }
        self.state.withLock { $0.figures.writes += 1 }
    }

    /// Does what a committed write owes; where that fails, the copy may be older than the write.
    func owing<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch {
            self.state.withLock { state in
                state.figures.failedWrites += 1
                state.suspicionsOwed += 1
            }
            throw error
        }
    }

    private func carryOut(_ run: Int, _ apply: (Int, RedisConnection) async throws -> Void) async throws {
        let patience = self.configuration.patience
        var write = SessionWrite(committedAt: self.now, databaseRun: run, patience: patience)
        while true {
            let now = self.now
            switch self.state.withLock({ write.next(on: $0.node, at: now) }) {
            case .acknowledge: return
            case .giveUp:
                throw SessionError(.unavailable, hint: "What was stored may be lost, or was not copied in time.")
            case .ask: try await self.asking { try await self.truth.look() }
            case .wait(let until): try await Task.sleep(for: until - now)
            case .apply(let generation, let link):
                guard let connection = self.state.withLock({ $0.connection(of: link) }) else { continue }
                switch await self.ask(connection, link, { try await apply(generation, connection) }) {
                case .answered: return
                case .failed: continue
                case .cancelled: throw CancellationError()
                }
            case .suspect(let generation):
                // A process that has just started has not looked for Redis yet.
                if self.state.withLock({ $0.isUnlinked }), await self.relink() { continue }
                try await self.suspect(generation, reason: "a write could not be copied")
            case .renew(let generation):
                try await self.registering { try await self.register.renew(after: generation) }
            }
        }
    }

    /// Marks the copy as not to be used.
    func suspect(_ generation: Int, reason: String) async throws {
        try await self.registering { try await self.register.suspect(generation: generation, reason: reason) }
    }

    /// Changes the row of trust, and takes note of what it says then.
    func registering(_ body: () async throws -> SessionTrust) async throws {
        let askedAt = self.now
        let trust = try await self.calling(body)
        let now = self.now
        self.state.withLock { $0.saw(trust, askedAt: askedAt, at: now) }
    }
}
