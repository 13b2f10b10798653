// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@Suite("What a pool does by itself")
struct PoolUpkeepTests {
    @Test("A connection that was idle for long is checked before it is lent")
    func check() {
        var pool = PoolState.lent(1, limits: PoolLimits(checkAfter: .seconds(30)))
        _ = pool.release(connection: 1, isUsable: true, at: .seconds(1))

        let soon = pool.takeIdle(at: .seconds(30))
        _ = pool.release(connection: 1, isUsable: true, at: .seconds(30))
        let late = pool.takeIdle(at: .seconds(60))

        #expect(soon == .lend(connection: 1))
        #expect(late == .check(connection: 1))
    }

    @Test("A connection that turns out dead is replaced in its place, ahead of those who wait")
    func renew() {
        var pool = PoolState.lent(1, waiting: [2])

        let fresh = pool.renew(1)

        #expect(fresh == 2)
        #expect(pool.inUse == 1)
        #expect(pool.waiting == [2])
    }

    @Test("A connection beyond its age is neither lent nor parked nor kept")
    func age() {
        var pool = PoolState.lent(3, limits: PoolLimits(maximumAge: .seconds(100)))
        for connection in 1...2 { _ = pool.release(connection: connection, isUsable: true, at: .zero) }

        let upkeep = pool.upkeep(at: .seconds(99))
        let taken = pool.takeIdle(at: .seconds(100))
        let released = pool.release(connection: 3, isUsable: true, at: .seconds(100))
        let kept = pool.upkeep(at: .seconds(100))

        #expect(upkeep.isEmpty)
        #expect(taken == .retire(connection: 2))
        #expect(released == .close(.age, next: nil))
        #expect(kept == [.close(connection: 1, .age)])
        #expect(pool.isEmpty)
    }

    @Test("Ages are spread, so that connections opened together are not replaced together")
    func spread() {
        var pool = PoolState(PoolLimits(maximum: 2, maximumAge: .seconds(100), ageSpread: 0.2))
        for connection in 1...2 { _ = pool.request(waiter: connection, until: .seconds(5)) }
        for (connection, random) in [(1, 0.0), (2, 1.0)] {
            _ = pool.opened(connection: connection, at: .zero, random: random)
            _ = pool.release(connection: connection, isUsable: true, at: .zero)
        }

        let first = pool.upkeep(at: .seconds(80))
        let second = pool.upkeep(at: .seconds(100))

        #expect(first == [.close(connection: 2, .age)])
        #expect(second == [.close(connection: 1, .age)])
    }

    @Test("Connections that nobody needs are closed down to the minimum, the coldest first")
    func idleTimeout() {
        var pool = PoolState.lent(3, limits: PoolLimits(minimum: 1, idleTimeout: .seconds(10)))
        for connection in 1...3 { _ = pool.release(connection: connection, isUsable: true, at: .seconds(connection)) }

        let due = pool.nextUpkeep(at: .seconds(3))
        let early = pool.upkeep(at: .seconds(10))
        let first = pool.upkeep(at: .seconds(11))
        let rest = pool.upkeep(at: .seconds(100))

        #expect(due == .seconds(11))
        #expect(early.isEmpty)
        #expect(first == [.close(connection: 1, .idle)])
        #expect(rest == [.close(connection: 2, .idle)])
        #expect(pool.idle == [3])
    }

    @Test("The minimum is opened, counting what is being opened, and parked when it stands")
    func minimum() {
        var pool = PoolState(PoolLimits(minimum: 3, maximum: 5))
        _ = pool.request(waiter: 1, until: .seconds(5))

        let due = pool.nextUpkeep(at: .zero)
        let upkeep = pool.upkeep(at: .zero)
        let again = pool.upkeep(at: .zero)
        let opened = pool.opened(connection: 2, at: .zero, random: 0)
        let released = pool.release(connection: 2, isUsable: true, at: .zero)

        #expect(due == .zero)
        #expect(upkeep == [.open(connection: 2), .open(connection: 3)])
        #expect(again.isEmpty)
        #expect(opened == .keep)
        #expect(released == .park)
    }

    @Test("After a failure the minimum is left alone for as long as the backoff says, and longer after the next")
    func retry() {
        var pool = PoolState(PoolLimits(minimum: 1))
        func delay(_ failures: Int) -> Duration { .seconds(failures) }

        let first = pool.upkeep(at: .zero)
        _ = pool.openingFailed(connection: 1, at: .zero, delay: delay)
        let early = pool.upkeep(at: .milliseconds(999))
        let second = pool.upkeep(at: .seconds(1))
        _ = pool.openingFailed(connection: 2, at: .seconds(1), delay: delay)
        let due = pool.nextUpkeep(at: .seconds(1))

        #expect(first == [.open(connection: 1)])
        #expect(early.isEmpty)
        #expect(second == [.open(connection: 2)])
        #expect(due == .seconds(3))
    }

    @Test("An eviction closes what is idle at once, what is lent when it comes back, what is opening when it stands")
    func eviction() {
        var pool = PoolState(PoolLimits(maximum: 3))
        for number in 1...3 { _ = pool.request(waiter: number, until: .seconds(5)) }
        for number in 1...2 { _ = pool.opened(connection: number, at: .zero, random: 0) }
        _ = pool.release(connection: 1, isUsable: true, at: .zero)

        let evicted = pool.evict(through: 0)
        let again = pool.evict(through: 0)
        let released = pool.release(connection: 2, isUsable: true, at: .zero)
        let opening = pool.opened(connection: 3, at: .zero, random: 0)
        let reopened = pool.opened(connection: 4, at: .zero, random: 0)
        let parked = pool.release(connection: 4, isUsable: true, at: .zero)

        #expect(evicted == [1])
        #expect(again.isEmpty)
        #expect(released == .close(.evicted, next: nil))
        #expect(opening == .reopen(connection: 4))
        #expect(reopened == .keep)
        #expect(parked == .park)
    }
}
