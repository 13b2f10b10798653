// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres
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

    // MARK: Filling

    /// A reader's claim to fill a key.
    struct Token {
        var text: String
        var generation: Int
        var link: Int
        var connection: RedisConnection
    }

    /// Leaves a token under a key, where the copy is trusted and another copy may be made; `nil` where it did not.
    func leaveToken(_ key: String) async -> Token? {
        let now = self.now
        let place = self.state.withLock { state -> Token? in
            guard case .copy(let generation, let link) = state.node.readStart(at: now),
                let connection = state.connection(of: link), state.fills.take(at: now)
            else { return nil }
            let text = String(UInt64.random(in: .min ... .max), radix: 36)
            return Token(text: text, generation: generation, link: link, connection: connection)
        }
        guard let place else { return nil }
        let outcome = await self.ask(place.connection, place.link) {
            try await self.copies.leave(token: place.text, key, place.generation, on: place.connection)
        }
        guard case .answered(true) = outcome else { return nil }
        return place
    }

    /// Fills a key; where that fails the key stays as it is, and the reader has its answer all the same.
    func fill(_ stored: StoredSession, _ key: String, _ token: Token) async {
        let now = self.now
        let left = stored.expiresAtMilliseconds - self.state.withLock { $0.databaseMilliseconds(at: now) }
        guard left > 0 else { return }
        _ = await self.ask(token.connection, token.link) {
            try await self.copies.fill(
                stored,
                token: token.text,
                key,
                token.generation,
                milliseconds: left,
                on: token.connection
            )
        }
    }

    // MARK: Touching

    /// Puts a session's end off where enough of its life has passed, and returns the new end.
    ///
    /// PostgreSQL first, then the copy, which is at worst left with the old, earlier end. Where PostgreSQL does not answer the end stays.
    func touch(_ key: String, _ found: Found) async throws -> Int? {
        guard found.millisecondsLeft < self.touchesBelowMilliseconds, !self.state.withLock({ $0.isDatabaseDown }) else {
            return nil
        }
        let stored = found.stored
        do {
            let touched = try await self.asking { try await self.truth.touch(key, version: stored.version) }
            guard let touched, touched.expiresAtMilliseconds > stored.expiresAtMilliseconds else { return nil }
            var copy = stored
            copy.expiresAtMilliseconds = touched.expiresAtMilliseconds
            await self.applyTouched(copy, key)
            return touched.expiresAtMilliseconds
        } catch let error as SessionError where error.code == .unavailable {
            return nil
        }
    }

    private func applyTouched(_ stored: StoredSession, _ key: String) async {
        let now = self.now
        let place = self.state.withLock { state -> (Int, Int, RedisConnection, Int)? in
            guard case .copy(let generation, let link) = state.node.readStart(at: now),
                let connection = state.connection(of: link)
            else { return nil }
            return (generation, link, connection, stored.expiresAtMilliseconds - state.databaseMilliseconds(at: now))
        }
        guard let (generation, link, connection, left) = place, left > 0 else { return }
        _ = await self.ask(connection, link) {
            try await self.copies.apply(stored, key, generation, milliseconds: left, equals: true, on: connection)
        }
    }

    // MARK: Asking

    /// What became of a command.
    enum Asked<Value: Sendable>: Sendable {
        case answered(Value)
        /// The link is given up.
        case failed
        case cancelled
    }

    /// Sends something on a link's connection, and lets the node know how that went.
    func ask<Value: Sendable>(
        _ connection: RedisConnection,
        _ link: Int,
        _ body: () async throws -> Value
    ) async -> Asked<Value> {
        await self.ask(connection, link, body) { _, answer, _ in answer }
    }

    /// The same; what the answer comes to is worked out while the state is locked for that anyway.
    private func ask<Answer: Sendable, Value: Sendable>(
        _ connection: RedisConnection,
        _ link: Int,
        _ body: () async throws -> Answer,
        value: (inout SessionState, Answer, _ now: Duration) -> Value
    ) async -> Asked<Value> {
        do {
            let answer = try await body()
            let now = self.now
            return .answered(
                self.state.withLock { state in
                    state.node.heard(on: link, at: now)
                    return value(&state, answer, now)
                }
            )
        } catch is CancellationError {
            return .cancelled
        } catch {
            self.state.withLock { $0.lost(link) }
            return .failed
        }
    }

    /// Asks PostgreSQL, and takes note of the trust that the answer shows.
    func asking<Value: Sendable>(_ body: () async throws -> SessionTruth.Answer<Value>) async throws -> Value {
        try await self.prepare()
        let askedAt = self.now
        let answer = try await self.calling(body)
        let now = self.now
        self.state.withLock {
            $0.saw(answer.trust, nowMilliseconds: answer.nowMilliseconds, askedAt: askedAt, at: now)
        }
        return answer.value
    }

    /// Makes the row of trust, the first time: without it a statement would show nothing.
    private func prepare() async throws {
        if self.state.withLock({ $0.isPrepared }) { return }
        try await self.calling { try await self.register.prepare(lease: self.configuration.lease) }
        self.state.withLock { $0.isPrepared = true }
    }

    /// Asks PostgreSQL; while it is known to be down nobody waits for it.
    func calling<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        if self.state.withLock({ $0.isDatabaseDown }) {
            throw SessionError(.unavailable, hint: "PostgreSQL did not answer a moment ago.")
        }
        do {
            return try await body()
        } catch let error as PostgresError {
            if error.sqlState == "42P01" || error.sqlState == "3F000" { throw SessionError(.notSetUp) }
            self.databaseFailed(error)
            throw SessionError(.unavailable, underlying: error)
        }
    }

    func databaseFailed(_ error: PostgresError) {
        self.state.withLock { state in
            if error.mayHaveRun { state.owesSuspicion = true }
            if error.isOutage || error.code == .timedOut, state.isUpkeepRunning { state.isDatabaseDown = true }
        }
    }
}

extension Duration {
    var wholeMicroseconds: Int {
        let (seconds, attoseconds) = self.components
        return Int(seconds) * 1_000_000 + Int(attoseconds / 1_000_000_000_000)
    }
}
