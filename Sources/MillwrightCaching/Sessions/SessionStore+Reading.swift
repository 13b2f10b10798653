// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightRedis
import Synchronization

extension SessionStore {
    /// A session that is live, and for how long unless it is used.
    struct Found: Sendable {
        var stored: StoredSession
        var millisecondsLeft: Int
    }

    /// Finds a session: in the copy where it is to be trusted, in PostgreSQL otherwise.
    func load(_ key: String) async throws -> Found? {
        let began = self.now
        let begin = self.state.withLock { state -> (SessionNode.ReadStart, RedisConnection?) in
            if state.drillShare > 0, Double.random(in: 0..<1) < state.drillShare {
                state.figures.drillReads += 1
                return (.database, nil)
            }
            let begin = state.node.readStart(at: began)
            guard case .copy(_, let link) = begin else { return (begin, nil) }
            return (begin, state.connection(of: link))
        }
        guard case (.copy(let generation, let link), let connection?) = begin else {
            return try await self.loadFromDatabase(key, since: began)
        }
        switch await self.askForCopy(key, generation, connection, link, since: began) {
        case .failed: return try await self.loadFromDatabase(key, since: began)
        case .cancelled: throw CancellationError()
        case .answered((.copy, let found)):
            if let found { return found }
            // Its end may have been put off in PostgreSQL alone, where Redis did not take that up.
            return try await self.loadFromDatabase(key, since: began)
        case .answered((.tombstone, _)): return nil
        case .answered((.token, _)): return try await self.loadFromDatabase(key, since: began)
        case .answered((nil, _)):
            let token = await self.leaveToken(key)
            let found = try await self.loadFromDatabase(key, since: began)
            if let found, let token { await self.fill(found.stored, key, token) }
            return found
        }
    }

    /// Reads what stands under a key, and whether that is a session that is live.
    private func askForCopy(
        _ key: String,
        _ generation: Int,
        _ connection: RedisConnection,
        _ link: Int,
        since began: Duration
    ) async -> Asked<(entry: SessionEntry?, found: Found?)> {
        await self.ask(connection, link, { try await self.copies.get(key, generation, on: connection) }) {
            state,
            entry,
            now in
            guard case .copy(let stored)? = entry else { return (entry, nil) }
            let left = stored.expiresAtMilliseconds - state.databaseMilliseconds(at: now)
            guard left > 0 else { return (entry, nil) }
            state.figures.copyReads += 1
            state.figures.copyMicroseconds += (now - began).wholeMicroseconds
            return (entry, Found(stored: stored, millisecondsLeft: left))
        }
    }

    private func loadFromDatabase(_ key: String, since began: Duration) async throws -> Found? {
        do {
            let stored = try await self.asking { try await self.truth.read(key) }
            let now = self.now
            let took = (now - began).wholeMicroseconds
            let clock = self.state.withLock { state in
                state.figures.databaseReads += 1
                state.figures.databaseMicroseconds += took
                state.figures.longestDatabaseMicroseconds = max(state.figures.longestDatabaseMicroseconds, took)
                return state.databaseMilliseconds(at: now)
            }
            return stored.map { Found(stored: $0, millisecondsLeft: $0.expiresAtMilliseconds - clock) }
        } catch let error as SessionError where error.code == .unavailable {
            return try await self.loadWithoutDatabase(key, after: error, since: began)
        }
    }

    /// Reads the copy while PostgreSQL is down, where this node has seen nothing that speaks against it.
    private func loadWithoutDatabase(
        _ key: String,
        after error: SessionError,
        since began: Duration
    ) async throws -> Found? {
        let now = self.now
        let begin = self.state.withLock { state -> (Int, Int, RedisConnection)? in
            guard self.configuration.readsWithoutDatabase,
                case .copy(let generation, let link)? = state.node.lastResort(at: now),
                let connection = state.connection(of: link)
            else {
                state.figures.failedReads += 1
                return nil
            }
            return (generation, link, connection)
        }
        guard let (generation, link, connection) = begin else { throw error }
        switch await self.askForCopy(key, generation, connection, link, since: began) {
        case .answered((.copy, let found?)): return found
        case .answered((.tombstone, _)): return nil
        case .cancelled: throw CancellationError()
        case .answered, .failed: break
        }
        // That there is no copy, or one whose end has come, does not mean that there is no session.
        self.state.withLock { $0.figures.failedReads += 1 }
        throw error
    }
}
