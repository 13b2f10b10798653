// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import MillwrightTesting
import Testing

@testable import MillwrightCaching

@Suite("The session protocol, in every order of events", .serialized)
struct SessionModelTests {
    /// Where it begins, and a bounded set of requests and faults; together they are what two nodes can meet.
    struct Scenario: Sendable, CustomTestStringConvertible {
        var budget: ModelWorld.Budget
        var phase = SessionTrust.Phase.trusted

        var testDescription: String { "\(self.phase), \(self.budget)" }
    }

    /// The small ones first: they catch most of what is left out.
    static let scenarios: [Scenario] = [
        Scenario(budget: .init(ticks: 1, writes: 2, reads: 1, flushes: 1)),
        Scenario(budget: .init(ticks: 1, deletions: 1, reads: 2, flushes: 1)),
        Scenario(budget: .init(ticks: 1, deletions: 2, reads: 2, cuts: 1)),
        Scenario(budget: .init(ticks: 1, writes: 1, deletions: 1, reads: 2, cuts: 1)),
        Scenario(budget: .init(ticks: 1, deletions: 1, reads: 2, puts: 1, clearings: 1)),
        Scenario(budget: .init(ticks: 1, writes: 1, deletions: 1, reads: 1, puts: 1, clearings: 1)),
        Scenario(budget: .init(ticks: 1, writes: 2, reads: 1, restorations: 1)),
        Scenario(budget: .init(ticks: 1, writes: 1, reads: 1, silences: 1, restorations: 1)),
        Scenario(budget: .init(ticks: 1, writes: 1, reads: 2, silences: 1, failovers: 1)),
        Scenario(budget: .init(ticks: 3, writes: 1, reads: 2), phase: .suspect),
        Scenario(budget: .init(ticks: 3, writes: 1, reads: 1, silences: 1)),
        Scenario(budget: .init(ticks: 3, deletions: 1, reads: 1, silences: 1)),
        Scenario(budget: .init(ticks: 2, writes: 1, deletions: 1, reads: 1, restorations: 1)),
    ]

    /// Searches on a thread of its own, one search at a time: it computes for long, and the nodes of other tests need their turns.
    private static func search(
        _ scenario: Scenario,
        breakage: ModelWorld.Breakage? = nil
    ) async -> (states: Int, violation: String?) {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var search = ModelSearch(breakage: breakage)
                let states = search.run(ModelWorld(scenario.budget, phase: scenario.phase))
                continuation.resume(returning: (states, search.violation))
            }
        }
    }

    @Test("No reader is told of an older version, or of a deleted session", arguments: Self.scenarios)
    func holds(_ scenario: Scenario) async {
        let (states, violation) = await Self.search(scenario)
        #expect(violation == nil)
        print("session model: \(states) states, \(scenario.testDescription)")
        #expect(states > 1_000)
    }

    @Test("Each part of the protocol is needed", arguments: ModelWorld.Breakage.allCases)
    func breaks(_ breakage: ModelWorld.Breakage) async {
        for scenario in Self.scenarios where await Self.search(scenario, breakage: breakage).violation != nil { return }
        Issue.record("Nothing shows that it is missing.")
    }
}
