// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@Suite("The end of a pool")
struct PoolEndTests {
    @Test("A closed pool lets go what is idle at once and what is lent when it comes back, and takes nobody in")
    func closing() {
        var pool = PoolState.lent(2, limits: PoolLimits(minimum: 2))
        _ = pool.release(connection: 1, isUsable: true, at: .zero)

        let (connections, waiters) = pool.close()
        let late = pool.release(connection: 2, isUsable: true, at: .zero)
        let refused = pool.request(waiter: 3, until: .seconds(5))

        #expect(connections == [1])
        #expect(waiters.isEmpty)
        #expect(late == .close(.shutdown, next: nil))
        #expect(refused == .refuseClosed)
        #expect(pool.isEmpty)
        #expect(pool.upkeep(at: .seconds(99)).isEmpty)
        #expect(pool.nextUpkeep(at: .zero) == nil)
    }

    @Test("Who waits when the pool is closed is turned away")
    func waiters() {
        var pool = PoolState.lent(1, waiting: [2, 3])

        let (connections, waiters) = pool.close()
        let late = pool.release(connection: 1, isUsable: true, at: .zero)

        #expect(connections.isEmpty)
        #expect(waiters == [2, 3])
        #expect(late == .close(.shutdown, next: nil))
    }

    @Test("A connection that stands when the pool is closed already is closed")
    func opening() {
        var pool = PoolState(PoolLimits())
        _ = pool.request(waiter: 1, until: .seconds(5))

        _ = pool.close()
        let opened = pool.opened(connection: 1, at: .zero, random: 0)

        #expect(opened == .close)
        #expect(pool.isEmpty)
    }

    @Test("What is abandoned is closed once, under its borrower, whose return changes nothing")
    func abandoning() {
        var pool = PoolState.lent(2)
        _ = pool.close()

        let abandoned = pool.abandon()
        let again = pool.abandon()
        let returned = (1...2).map { pool.release(connection: $0, isUsable: true, at: .zero) }

        #expect(abandoned == [1, 2])
        #expect(again.isEmpty)
        #expect(returned == [.none, .none])
        #expect(pool.isEmpty)
    }
}
