// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@Suite("Pool state")
struct PoolStateTests {
    @Test("Callers get places up to the maximum, then wait in order, then are turned away")
    func requests() {
        var pool = PoolState(maximum: 2, maximumWaiting: 1)

        let answers = (1...4).map { pool.request(waiter: $0) }

        #expect(answers == [.open(connection: 1), .open(connection: 2), .wait, .refuseFull])
        #expect(pool.waiting == [3])
    }

    @Test("A connection that comes back goes to whoever waits longest")
    func lending() {
        var pool = PoolState(maximum: 1, maximumWaiting: 5)
        _ = pool.request(waiter: 1)
        _ = pool.request(waiter: 2)
        _ = pool.request(waiter: 3)

        let releases = (1...3).map { _ in pool.release(connection: 1, isUsable: true) }
        let next = pool.request(waiter: 4)

        #expect(releases == [.lend(waiter: 2), .lend(waiter: 3), .park])
        #expect(next == .lend(connection: 1))
    }

    @Test("A broken connection makes room for a new one, never for itself")
    func replacing() {
        var pool = PoolState(maximum: 1, maximumWaiting: 5)
        _ = pool.request(waiter: 1)
        _ = pool.request(waiter: 2)

        let first = pool.release(connection: 1, isUsable: false)
        let second = pool.release(connection: 2, isUsable: false)

        #expect(first == .replace(waiter: 2, connection: 2))
        #expect(second == .close)
        #expect(pool.inUse.isEmpty)
    }

    @Test("Who leaves the queue is not served; who was served cannot leave it")
    func leaving() {
        var pool = PoolState(maximum: 1, maximumWaiting: 5)
        _ = pool.request(waiter: 1)
        _ = pool.request(waiter: 2)
        _ = pool.request(waiter: 3)

        let left = pool.leave(waiter: 2)
        let release = pool.release(connection: 1, isUsable: true)
        let leftLate = pool.leave(waiter: 3)

        #expect(left)
        #expect(release == .lend(waiter: 3))
        #expect(!leftLate)
    }

    @Test("A closed pool lets go what is idle at once and what is lent when it comes back")
    func closing() {
        var pool = PoolState(maximum: 3, maximumWaiting: 5)
        _ = (1...4).map { pool.request(waiter: $0) }
        _ = pool.leave(waiter: 4)
        _ = pool.release(connection: 1, isUsable: true)
        _ = pool.request(waiter: 5)
        _ = pool.release(connection: 2, isUsable: true)

        let (connections, waiters) = pool.close()

        let late = pool.release(connection: 3, isUsable: true)
        let refused = pool.request(waiter: 6)

        #expect(connections == [2])
        #expect(waiters.isEmpty)
        #expect(late == .close)
        #expect(refused == .refuseClosed)
    }

    @Test("Whatever happens in whatever order, no connection is lent twice and no place leaks", arguments: 1...20)
    func randomWalk(seed: UInt64) {
        var random = Walk(state: seed)
        var pool = PoolState(maximum: 3, maximumWaiting: 4)
        var held: Set<Int> = []
        var waiter = 0
        for _ in 0..<2_000 {
            if Bool.random(using: &random) || held.isEmpty {
                waiter += 1
                switch pool.request(waiter: waiter) {
                case .lend(let connection), .open(let connection):
                    let isNew = held.insert(connection).inserted
                    #expect(isNew)
                case .wait: if Int.random(in: 0..<4, using: &random) == 0 { _ = pool.leave(waiter: waiter) }
                case .refuseFull, .refuseClosed: break
                }
            } else if let connection = held.randomElement(using: &random) {
                held.remove(connection)
                switch pool.release(connection: connection, isUsable: Int.random(in: 0..<5, using: &random) > 0) {
                case .lend: held.insert(connection)
                case .replace(_, let fresh):
                    let isNew = held.insert(fresh).inserted
                    #expect(isNew)
                case .park, .close: break
                }
            }
            #expect(pool.inUse == held)
            #expect(held.count + pool.idle.count <= 3)
            #expect(pool.waiting.isEmpty || held.count == 3)
        }
    }
}

/// A small generator, the same every run.
private struct Walk: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
