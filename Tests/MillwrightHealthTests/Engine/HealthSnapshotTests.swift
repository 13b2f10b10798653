// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightHealth

@Suite("What a snapshot answers")
struct HealthSnapshotTests {
    private func snapshot(_ phase: HealthPhase, _ entries: (HealthCriticality, HealthStatus, String)...)
        -> HealthSnapshot
    {
        HealthSnapshot(
            id: "i-1",
            time: 0,
            phase: phase,
            entries: entries.enumerated().map {
                .init("c\($0.offset)", criticality: $0.element.0, result: .init($0.element.1, code: $0.element.2))
            }
        )
    }

    @Test("A shared server that is down is a warning, a full disk a failure, and a curiosity nothing")
    func criticality() {
        let shared = self.snapshot(.serving, (.degrading, .fail, "redis.timed_out"), (.critical, .pass, "ok"))
        let local = self.snapshot(.serving, (.degrading, .warn, "x"), (.critical, .fail, "disk.full"))
        let curiosity = self.snapshot(.serving, (.informational, .fail, "x"))

        #expect(shared.status(of: .readyz) == .warn && shared.status(of: .health) == .warn)
        #expect(local.status(of: .readyz) == .fail)
        #expect(curiosity.status(of: .health) == .pass && curiosity.codes(of: .health).isEmpty)
    }

    @Test("Liveness passes whatever fails, in every phase", arguments: [HealthPhase.starting, .serving, .draining])
    func liveness(phase: HealthPhase) {
        let snapshot = self.snapshot(phase, (.critical, .fail, "disk.full"))

        #expect(snapshot.status(of: .livez) == .pass && snapshot.codes(of: .livez).isEmpty)
    }

    @Test("Starting and draining fail readiness and say so first; only starting fails start-up")
    func phases() {
        let starting = self.snapshot(.starting)
        let draining = self.snapshot(.draining, (.degrading, .fail, "redis.timed_out"))

        #expect(starting.status(of: .startupz) == .fail && starting.status(of: .readyz) == .fail)
        #expect(draining.status(of: .startupz) == .pass && draining.status(of: .readyz) == .fail)
        #expect(draining.codes(of: .readyz) == ["draining", "redis.timed_out"])
        #expect(starting.codes(of: .startupz) == ["starting"])
    }

    @Test("Codes come worst first and once each")
    func codes() {
        let snapshot = self.snapshot(
            .serving,
            (.degrading, .fail, "redis.timed_out"),
            (.critical, .fail, "disk.full"),
            (.degrading, .fail, "redis.timed_out")
        )

        #expect(snapshot.codes(of: .health) == ["disk.full", "redis.timed_out"])
    }
}
