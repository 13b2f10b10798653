// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightTesting
import Testing

@Suite("Pool state")
struct PoolStateTests {
    @Test("Callers get places up to the maximum, then wait in order, then are turned away")
    func requests() {
        var pool = PoolState(PoolLimits(maximum: 2, maximumWaiting: 1))

        let answers = (1...4).map { pool.request(waiter: $0, until: .seconds(5)) }

        #expect(answers == [.open(connection: 1), .open(connection: 2), .wait, .refuseFull])
        #expect(pool.waiting == [3])
    }

    @Test("A connection that comes back goes to whoever waits longest")
    func lending() {
        var pool = PoolState.lent(1, waiting: [2, 3])

        let releases = (1...3).map { _ in pool.release(connection: 1, isUsable: true, at: .zero) }
        let next = pool.takeIdle(at: .zero)

        #expect(releases == [.lend(waiter: 2), .lend(waiter: 3), .park])
        #expect(next == .lend(connection: 1))
    }

    @Test("Of idle connections the one used last is lent first")
    func warmestFirst() {
        var pool = PoolState.lent(3)
        for connection in [2, 3, 1] { _ = pool.release(connection: connection, isUsable: true, at: .zero) }

        let lent = (1...3).map { _ in pool.takeIdle(at: .zero) }

        #expect(lent == [.lend(connection: 1), .lend(connection: 3), .lend(connection: 2)])
    }

    @Test("A broken connection makes room for a new one, never for itself")
    func replacing() {
        var pool = PoolState.lent(1, waiting: [2])

        let first = pool.release(connection: 1, isUsable: false, at: .zero)
        _ = pool.opened(connection: 2, at: .zero, random: 0)
        let second = pool.release(connection: 2, isUsable: false, at: .zero)

        #expect(first == .close(.broken, next: .init(waiter: 2, connection: 2)))
        #expect(second == .close(.broken, next: nil))
        #expect(pool.isEmpty)
    }

    @Test("A place whose connection could not be opened goes to whoever waits longest")
    func failedOpening() {
        var pool = PoolState(PoolLimits(maximum: 1))
        _ = pool.request(waiter: 1, until: .seconds(5))
        _ = pool.request(waiter: 2, until: .seconds(5))

        let next = pool.openingFailed(connection: 1, at: .zero) { _ in .seconds(1) }
        let nobody = pool.openingFailed(connection: 2, at: .zero) { _ in .seconds(1) }

        #expect(next == .init(waiter: 2, connection: 2))
        #expect(nobody == nil)
        #expect(pool.isEmpty)
    }

    @Test("Who leaves the queue is not served; who was served cannot leave it")
    func leaving() {
        var pool = PoolState.lent(1, waiting: [2, 3])

        let left = pool.leave(waiter: 2)
        let release = pool.release(connection: 1, isUsable: true, at: .zero)
        let leftLate = pool.leave(waiter: 3)

        #expect(left)
        #expect(release == .lend(waiter: 3))
        #expect(!leftLate)
    }

    @Test("Who has waited too long is turned away, the others keep their order")
    func late() {
        var pool = PoolState.lent(1)
        for (waiter, seconds) in [(2, 5), (3, 1), (4, 9), (5, 5)] {
            _ = pool.request(waiter: waiter, until: .seconds(seconds))
        }

        let early = pool.takeLate(at: .milliseconds(999))
        let first = pool.takeLate(at: .seconds(1))
        let second = pool.takeLate(at: .seconds(6))

        #expect(early.isEmpty)
        #expect(first == [3])
        #expect(second == [2, 5])
        #expect(pool.waiting == [4])
    }

    @Test("Whatever happens in whatever order, no connection is lent twice and no place leaks", arguments: 1...20)
    func randomWalk(seed: UInt64) {
        var walk = PoolWalk(seed: seed)

        walk.run(steps: 5_000)

        #expect(walk.failures.isEmpty)
    }
}

extension PoolState {
    /// A pool whose every connection is lent, and for which `waiting` wait.
    static func lent(_ connections: Int, limits: PoolLimits = PoolLimits(), waiting: [Int] = []) -> PoolState {
        var limits = limits
        limits.maximum = connections
        var pool = PoolState(limits)
        for number in 1...connections {
            _ = pool.request(waiter: number, until: .seconds(5))
            _ = pool.opened(connection: number, at: .zero, random: 0)
        }
        for waiter in waiting { _ = pool.request(waiter: waiter, until: .seconds(5)) }
        return pool
    }
}
