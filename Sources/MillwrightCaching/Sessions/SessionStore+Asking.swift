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
        try await self.answer(body).value
    }

    /// The same, with all of the answer.
    func answer<Value: Sendable>(
        whileWriting: Bool = false,
        _ body: () async throws -> SessionTruth.Answer<Value>
    ) async throws -> SessionTruth.Answer<Value> {
        try await self.prepare()
        let askedAt = self.now
        let answer = try await self.calling(whileWriting: whileWriting, body)
        let now = self.now
        self.state.withLock {
            $0.saw(answer.trust, nowMilliseconds: answer.nowMilliseconds, askedAt: askedAt, at: now)
        }
        return answer
    }

    /// The same, of a statement that outdates a copy: where it is not known what has become of it, the copy is not to be trusted.
    func writing<Value: Sendable>(
        _ body: () async throws -> SessionTruth.Answer<Value>
    ) async throws -> SessionTruth.Answer<Value> {
        try Task.checkCancellation()
        return try await self.answer(whileWriting: true, body)
    }

    /// Makes the row of trust, the first time: without it a statement would show nothing.
    private func prepare() async throws {
        if self.state.withLock({ $0.isPrepared }) { return }
        try await self.calling { try await self.register.prepare(lease: self.configuration.lease) }
        self.state.withLock { $0.isPrepared = true }
    }

    /// Asks PostgreSQL; while it is known to be down nobody waits for it.
    func calling<Value: Sendable>(
        whileWriting: Bool = false,
        _ body: () async throws -> Value
    ) async throws -> Value {
        if self.state.withLock({ $0.isDatabaseDown }) {
            throw SessionError(.unavailable, hint: "PostgreSQL did not answer a moment ago.")
        }
        do {
            return try await body()
        } catch let error as PostgresError {
            if error.isOfMissingTables { throw SessionError(.notSetUp) }
            self.databaseFailed(error, whileWriting: whileWriting)
            throw SessionError(.unavailable, underlying: error)
        } catch let error as SessionError where error == .missingRow {
            // In a database that was restored, say: the next one who asks makes it.
            self.state.withLock { state in
                state.isPrepared = false
                if whileWriting { state.suspicionsOwed += 1 }
            }
            throw error
        } catch is CancellationError where whileWriting {
            self.state.withLock { $0.suspicionsOwed += 1 }
            throw CancellationError()
        }
    }

    func databaseFailed(_ error: PostgresError, whileWriting: Bool) {
        self.state.withLock { state in
            if error.mayHaveRun, whileWriting { state.suspicionsOwed += 1 }
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
