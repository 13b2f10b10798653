// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightIO
import MillwrightPooling
import MillwrightTesting
import Testing

@Suite("Lending connections", .timeLimit(.minutes(1)))
struct LendingTests {
    let server = ScriptedServer()

    @Test("A connection that came back is lent again, and no other opened")
    func reuses() async throws {
        let pool = self.server.pool(.test())

        for _ in 0..<10 { try await pool.withConnection { await $0.use() } }

        let statistics = await pool.statistics
        #expect(self.server.now.opened == 1)
        #expect(statistics.idle == 1)
        #expect(statistics.inUse == 0)
    }

    @Test("Callers wait in turn, on the pool's loop as elsewhere")
    func waitInTurn() async throws {
        let pool = self.server.pool(.test(maximum: 1))
        let first = try await pool.acquire()
        let order = Order()

        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask(executorPreference: number.isMultiple(of: 2) ? self.server.loop : nil) {
                    try await pool.withConnection { _ in order.append(number) }
                }
                try await until { await pool.statistics.waiting == number + 1 }
            }
            await pool.release(first)
            try await group.waitForAll()
        }

        #expect(order.numbers == Array(0..<20))
        #expect(self.server.now.opened == 1)
    }

    @Test("Who waits too long is told so, and the place in the queue is free again")
    func late() async throws {
        let pool = self.server.pool(.test(maximum: 1, acquireTimeout: .milliseconds(20)))
        let held = try await pool.acquire()

        await #expect(throws: ScriptedConnection.Refusal(reason: .late)) { try await pool.withConnection { _ in } }

        #expect(await pool.statistics.waiting == 0)
        await pool.release(held)
        try await pool.withConnection { await $0.use() }
    }

    @Test("A queue that is full turns the next caller away at once")
    func full() async throws {
        let pool = self.server.pool(.test(maximum: 1, maximumWaiting: 0))
        let held = try await pool.acquire()

        await #expect(throws: ScriptedConnection.Refusal(reason: .full)) { try await pool.withConnection { _ in } }

        await pool.release(held)
    }

    @Test("A caller cancelled while it waits leaves the queue, and the next is served")
    func cancelledWhileWaiting() async throws {
        let pool = self.server.pool(.test(maximum: 1))
        let held = try await pool.acquire()
        let leaving = Task { try await pool.withConnection { _ in } }
        try await until { await pool.statistics.waiting == 1 }
        let staying = Task { try await pool.withConnection { $0.number } }
        try await until { await pool.statistics.waiting == 2 }

        leaving.cancel()
        await #expect(throws: CancellationError.self) { try await leaving.value }
        await pool.release(held)

        #expect(try await staying.value == 1)
        #expect(await pool.statistics.inUse == 0)
    }

    @Test("A caller cancelled while its connection is opened frees the place for who waits")
    func cancelledWhileOpening() async throws {
        let pool = self.server.pool(.test(maximum: 1))
        self.server.keepWaiting()
        let opening = Task { try await pool.withConnection { _ in } }
        try await until { self.server.now.attempts == 1 }
        let waiting = Task { try await pool.withConnection { $0.number } }
        try await until { await pool.statistics.waiting == 1 }

        opening.cancel()
        await #expect(throws: CancellationError.self) { try await opening.value }
        self.server.letIn()

        #expect(try await waiting.value == 1)
        #expect(await pool.statistics.inUse == 0)
    }

    @Test("A connection that broke is closed when it comes back, and when it broke while idle")
    func broken() async throws {
        let pool = self.server.pool(.test(maximum: 1))

        try await pool.withConnection { await $0.hangUp() }
        let second = try await pool.withConnection { $0 }
        await second.hangUp()
        let third = try await pool.withConnection { $0.number }

        #expect(second.number == 2)
        #expect(third == 3)
        #expect(self.server.now.closed == 2)
        #expect(await pool.statistics.counts.closed == [.broken: 2])
    }

    @Test("A connection that was idle for long is lent after its server answered, and replaced where it does not")
    func checked() async throws {
        let pool = self.server.pool(.test(checkAfter: .zero), breaker: EndpointBreaker(threshold: 100))
        try await pool.withConnection { await $0.use() }

        let same = try await pool.withConnection { $0.number }
        self.server.change { $0.isUp = false }
        await #expect(throws: ScriptedServer.Down.self) { try await pool.withConnection { _ in } }
        self.server.change { $0.isUp = true }
        let fresh = try await pool.withConnection { $0.number }

        #expect(same == 1)
        #expect(fresh == 2)
        #expect(await pool.statistics.counts.closed == [.unanswered: 1])
    }

    @Test("Two thousand callers that give up at any moment lose no place and share no connection", arguments: 1...3)
    func race(seed: UInt64) async throws {
        let outcome = try await PoolRace(callers: 2_000).run(seed: seed)

        #expect(outcome.doubleLoans == 0)
        #expect(outcome.leaks == 0)
        #expect(outcome.served > 0 && outcome.givenUp > 0)
    }
}
