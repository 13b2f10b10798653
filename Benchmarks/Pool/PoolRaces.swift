// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightTesting

/// A million callers that give up at any moment: no place may leak, no connection may be lent twice.
struct PoolRaces: Benchmark {
    static let name = "pool-races"
    static let about =
        "a million random events on the pool's decisions, a million callers on the pool itself; all must be 0"

    static func run() async throws -> [Measurement] {
        var walk = PoolWalk(seed: .random(in: 0 ... .max))
        walk.run(steps: 1_000_000)
        print("pool-races: decisions: \(walk.lends) loans, \(walk.leaves) left the queue; \(walk.failures)")
        let outcome = try await PoolRace(callers: 1_000_000).run(seed: .random(in: 0 ... .max))
        print("pool-races: pool: \(outcome.served) served, \(outcome.givenUp) gave up")
        return [
            Measurement("wrong decisions", ours: Double(walk.failures.count), unit: "", goal: .atMost(0)),
            Measurement("leaked places", ours: Double(outcome.leaks), unit: "", goal: .atMost(0)),
            Measurement("double loans", ours: Double(outcome.doubleLoans), unit: "", goal: .atMost(0)),
        ]
    }
}
