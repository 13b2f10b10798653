// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres
import MillwrightRedis
import Synchronization

extension SessionStore {
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
    func ask<Answer: Sendable, Value: Sendable>(
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
