// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightSandbox
import MillwrightTesting
import Testing

@testable import MillwrightCaching

@Suite("Sessions under random faults", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(60)))
struct SessionWalkTests {
    private static let steps = Soak.count(1_500, soaking: 10_000)
    private static let faults = Soak.count(8, soaking: 40)

    @Test(
        "keep every promise: Redis behind Sentinels, PostgreSQL, three nodes",
        arguments: Soak.seeds(2, soaking: 20)
    )
    func holds(_ seed: UInt64) async throws { try await Self.gate.pass { try await Self.walk(seed) } }

    /// A walk mostly waits for servers that are away, so several fit beside each other.
    private static let gate = StartGate(places: Soak.count(1, soaking: 3))

    private static func walk(_ seed: UInt64) async throws {
        let group = try await SessionServers(isPatient: false) { plan in
            plan.redisReplicas = 2
            plan.sentinels = 3
            plan.sentinelSettings = [
                "sentinel down-after-milliseconds main": "500", "sentinel failover-timeout main": "3000",
            ]
        }
        try await group.withNodes(3) {
            $0.touchAfter = .seconds(600)
        } _: { nodes in
            try await group.awaitCopy(nodes)
            let walk = SessionWalk(nodes, seed: seed, steps: Self.steps, faults: Self.faults)
            async let faults = Self.befall(group, walk, seed)
            try await walk.run(clients: 12) { [nodes] in
                // The walk is over: then everything must be as promised, and the copy in use again.
                try await until { walk.tally.areFaultsOver && nodes.allSatisfy { $0.standing.reachesDatabase } }
                try await group.awaitCopy(nodes)
            }
            let done = try await faults
            let tally = walk.tally
            print(
                """
                session walk: seed \(seed), \(tally.steps) steps, \(tally.logins) logins, \(tally.reads) reads, \
                \(tally.writes) writes, \(tally.logouts) logouts, \(tally.unavailable) unavailable, \(done.count) faults, \
                generation \(nodes[0].standing.trust?.generation ?? 0), longest \(tally.longest), \
                \(nodes.map(\.standing.figures.copyReads).reduce(0, +)) reads from the copy
                """
            )
            // A soak is watched, also through a pipe.
            fflush(nil)
            #expect(tally.violations == [], "seed \(seed), faults \(done)")
            #expect(tally.reads > tally.steps / 10)
        }
    }

    private static func befall(
        _ group: SessionServers,
        _ walk: SessionWalk,
        _ seed: UInt64
    ) async throws -> [SessionFaults.Fault] {
        var faults = SessionFaults(group, seed: seed)
        defer { walk.endFaults() }
        while !walk.isOver {
            try await faults.befall()
            walk.fault()
        }
        return faults.done
    }
}
