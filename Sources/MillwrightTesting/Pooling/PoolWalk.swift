// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Drives a ``PoolState`` at random, as callers, servers and the clock might, and keeps its own books of who has what.
package struct PoolWalk {
    private var random: SeededRandom
    private var pool: PoolState
    private var now = Duration.zero
    private var lent: Set<Int> = []
    private var opening: Set<Int> = []
    private var waiting: [Int] = []
    private var lastWaiter = 0
    /// How many callers were given a connection.
    package private(set) var lends = 0
    /// How many callers left the queue unserved.
    package private(set) var leaves = 0
    /// What went wrong.
    package private(set) var failures: [String] = []

    package init(seed: UInt64) {
        self.random = SeededRandom(seed)
        self.pool = PoolState(
            PoolLimits(
                minimum: 1,
                maximum: 3,
                maximumWaiting: 4,
                maximumAge: .seconds(50),
                idleTimeout: .seconds(20),
                checkAfter: .seconds(10)
            )
        )
    }

    /// Does `steps` things, and stops at the first failure.
    package mutating func run(steps: Int) {
        for step in 0..<steps where self.failures.isEmpty {
            self.now += .milliseconds(Int.random(in: 0..<2_000, using: &self.random))
            self.step()
            self.check(step)
        }
    }

    private mutating func step() {
        switch Int.random(in: 0..<20, using: &self.random) {
        case 0..<7: self.ask()
        case 7..<12: if let number = self.lent.randomElement(using: &self.random) { self.giveBack(number) }
        case 12..<15: if let number = self.opening.randomElement(using: &self.random) { self.finishOpening(number) }
        case 15, 16: if let waiter = self.waiting.randomElement(using: &self.random) { self.leave(waiter) }
        case 17: self.late()
        case 18: self.keepUp()
        default: if Int.random(in: 0..<10, using: &self.random) == 0 { self.evict() }
        }
    }

    private mutating func ask() {
        while let idle = self.pool.takeIdle(at: self.now) {
            switch idle {
            case .retire: continue
            case .check(let number) where Bool.random(using: &self.random): return self.insert(self.pool.renew(number))
            case .lend(let number), .check(let number): return self.lend(number)
            }
        }
        self.lastWaiter += 1
        switch self.pool.request(waiter: self.lastWaiter, until: self.now + .seconds(5)) {
        case .open(let number): self.insert(number)
        case .wait: self.waiting.append(self.lastWaiter)
        case .refuseFull: if self.waiting.count < 4 { self.failures.append("turned away from a queue with room") }
        case .refuseClosed: self.failures.append("closed")
        }
    }

    private mutating func giveBack(_ number: Int) {
        self.lent.remove(number)
        let isUsable = Int.random(in: 0..<5, using: &self.random) > 0
        switch self.pool.release(connection: number, isUsable: isUsable, at: self.now) {
        case .park: break
        case .lend(let waiter):
            self.serve(waiter)
            self.lend(number)
        case .close(_, let next): self.hand(on: next)
        case .none: self.failures.append("\(number) was not known")
        }
    }

    private mutating func finishOpening(_ number: Int) {
        self.opening.remove(number)
        if Bool.random(using: &self.random) {
            return self.hand(on: self.pool.openingFailed(connection: number, at: self.now) { .seconds($0) })
        }
        switch self.pool.opened(connection: number, at: self.now, random: 0.5) {
        case .keep: self.lend(number)
        case .reopen(let fresh): self.insert(fresh)
        case .close: self.failures.append("closed")
        }
    }

    private mutating func leave(_ waiter: Int) {
        self.leaves += 1
        if !self.pool.leave(waiter: waiter) { self.failures.append("waiter \(waiter) was not known") }
        self.waiting.removeAll { $0 == waiter }
    }

    private mutating func late() {
        for waiter in self.pool.takeLate(at: self.now) { self.waiting.removeAll { $0 == waiter } }
    }

    private mutating func evict() { _ = self.pool.evict(through: self.pool.generation) }

    private mutating func keepUp() {
        for case .open(let number) in self.pool.upkeep(at: self.now) { self.insert(number) }
    }

    private mutating func hand(on place: PoolState.Place?) {
        guard let place else { return }
        self.serve(place.waiter)
        self.insert(place.connection)
    }

    private mutating func serve(_ waiter: Int) {
        if self.waiting.first != waiter { self.failures.append("waiter \(waiter) was served out of turn") }
        self.waiting.removeAll { $0 == waiter }
    }

    private mutating func lend(_ number: Int) {
        self.lends += 1
        if !self.lent.insert(number).inserted { self.failures.append("\(number) was lent twice") }
    }

    private mutating func insert(_ number: Int) {
        if !self.opening.insert(number).inserted { self.failures.append("\(number) was opened twice") }
    }

    private mutating func check(_ step: Int) {
        let inUse = self.lent.count + self.opening.count
        if self.pool.inUse != inUse { self.failures.append("step \(step): \(self.pool.inUse) of \(inUse) in use") }
        if inUse + self.pool.idle.count > 3 { self.failures.append("step \(step): more than the maximum") }
        if self.pool.waiting != self.waiting { self.failures.append("step \(step): the queue differs") }
        if !self.waiting.isEmpty, inUse < 3 { self.failures.append("step \(step): somebody waits beside a free place") }
    }
}
