// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPooling
import Synchronization

/// Callers of a pool that give up at any moment, on every thread there is, against the pool's promise to lose no place.
package struct PoolRace: Sendable {
    /// What came out of it.
    package struct Outcome: Sendable {
        /// Callers that used a connection to the end.
        package var served = 0
        /// Callers that were cancelled, or turned away.
        package var givenUp = 0
        /// Connections that were used by two callers at once.
        package var doubleLoans = 0
        /// Places that nobody has and that are not free, and connections that are open and not in the pool.
        package var leaks = 0
    }

    /// How many callers come.
    package var callers: Int
    /// How many of them are there at once.
    package var width = 64

    package init(callers: Int) { self.callers = callers }

    /// Runs it.
    package func run(seed: UInt64 = 1) async throws -> Outcome {
        let server = ScriptedServer()
        let pool = server.pool(PoolConfiguration(PoolLimits(maximum: 4), acquireTimeout: .seconds(30)))
        var outcome = await withTaskGroup(of: Outcome.self) { group in
            for lane in 0..<self.width {
                group.addTask { await self.lane(pool, SeededRandom(seed &+ UInt64(lane) &* 1_000_003)) }
            }
            return await group.reduce(into: Outcome()) {
                $0.served += $1.served
                $0.givenUp += $1.givenUp
            }
        }
        let statistics = await pool.statistics
        let books = server.now
        outcome.doubleLoans = books.doubleLoans
        outcome.leaks = statistics.inUse + statistics.waiting + abs(books.opened - books.closed - statistics.idle)
        await pool.close()
        return outcome
    }

    private func lane(_ pool: ConnectionPool<ScriptedConnection>, _ random: SeededRandom) async -> Outcome {
        var random = random
        var outcome = Outcome()
        for _ in 0..<self.callers / self.width {
            let breaks = Int.random(in: 0..<50, using: &random) == 0
            let caller = Task {
                try await pool.withConnection { connection in
                    await connection.use()
                    if breaks { await connection.hangUp() }
                }
            }
            if Int.random(in: 0..<3, using: &random) > 0 {
                for _ in 0..<Int.random(in: 0..<6, using: &random) { await Task.yield() }
                caller.cancel()
            }
            if case .success = await caller.result { outcome.served += 1 } else { outcome.givenUp += 1 }
        }
        return outcome
    }
}
