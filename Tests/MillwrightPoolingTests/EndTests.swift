// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPooling
import MillwrightTesting
import Testing

@Suite("Upkeep and the end of a pool", .timeLimit(.minutes(1)))
struct EndTests {
    let server = ScriptedServer()

    @Test("The minimum is opened in the background, and again after the server hung up")
    func minimum() async throws {
        let pool = self.server.pool(.test(minimum: 3, checkAfter: .milliseconds(20)))

        let first = try await pool.withConnection { $0 }
        try await until { await pool.statistics.idle == 3 }
        await first.hangUp()
        try await until { self.server.now.opened == 4 }

        try await until { await pool.statistics.idle == 3 }
        #expect(await pool.statistics.counts.closed == [.broken: 1])
        await pool.close()
    }

    @Test("The minimum is opened when the server is back")
    func minimumAfterOutage() async throws {
        let pool = self.server.pool(.test(minimum: 2), breaker: EndpointBreaker(threshold: 1_000))
        self.server.change { $0.isUp = false }
        await #expect(throws: ScriptedServer.Down.self) { try await pool.withConnection { _ in } }
        try await until { self.server.now.attempts > 4 }

        self.server.change { $0.isUp = true }

        try await until { await pool.statistics.idle == 2 }
        await pool.close()
    }

    @Test("What is idle for too long or too old is closed without anybody asking")
    func idleAndAge() async throws {
        let idling = self.server.pool(.test(idleTimeout: .milliseconds(20)))
        let aging = self.server.pool(.test(maximumAge: .milliseconds(20)))

        try await idling.withConnection { _ in }
        try await aging.withConnection { _ in }

        try await until { await idling.statistics.counts.closed == [.idle: 1] }
        try await until { await aging.statistics.counts.closed == [.age: 1] }
    }

    @Test("After an eviction nobody gets a connection that was opened before it")
    func eviction() async throws {
        let pool = self.server.pool(.test())
        let lent = try await pool.acquire()
        try await pool.withConnection { _ in }

        await pool.evict(through: lent.generation)
        await pool.evict(through: lent.generation)
        await pool.release(lent)
        let fresh = try await pool.withConnection { $0.number }

        #expect(fresh == 3)
        #expect(await pool.statistics.counts.closed == [.evicted: 2])
    }

    @Test("A connection that was being opened when the pool was told to evict is opened again")
    func evictionWhileOpening() async throws {
        let pool = self.server.pool(.test())
        self.server.keepWaiting()
        let opening = Task { try await pool.withConnection { $0.number } }
        try await until { self.server.now.attempts == 1 }

        await pool.evictAll()
        self.server.letIn()

        #expect(try await opening.value == 2)
    }

    @Test("A drain takes nobody in, and ends when the last loan came back")
    func drain() async throws {
        let pool = self.server.pool(.test())
        let lent = try await pool.acquire()

        let drain = Task { await pool.drain(within: .seconds(30)) }
        try await until { await refuses(pool) }
        await pool.release(lent)
        await drain.value

        #expect(self.server.now.closed == self.server.now.opened)
    }

    @Test("A drain whose time is over closes what is lent under its borrower, once")
    func lateDrain() async throws {
        let pool = self.server.pool(.test())
        let lent = try await pool.acquire()

        await pool.drain(within: .milliseconds(10))

        #expect(await !lent.connection.isLendable)
        await pool.release(lent)
        #expect(self.server.now.closed == 1)
        #expect(await pool.statistics.counts.closed == [.shutdown: 1])
    }

    @Test("A cancelled drain closes at once")
    func cancelledDrain() async throws {
        let pool = self.server.pool(.test())
        let lent = try await pool.acquire()
        let drain = Task { await pool.drain(within: .seconds(3_600)) }
        try await until { await refuses(pool) }

        drain.cancel()
        await drain.value

        #expect(await !lent.connection.isLendable)
    }
}

/// Whether a pool says that it is closed.
private func refuses(_ pool: ConnectionPool<ScriptedConnection>) async -> Bool {
    do {
        try await pool.withConnection { _ in }
        return false
    } catch {
        return error as? ScriptedConnection.Refusal == ScriptedConnection.Refusal(reason: .closed)
    }
}
