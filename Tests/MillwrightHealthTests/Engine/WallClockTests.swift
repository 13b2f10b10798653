// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Synchronization
import Testing

@testable import MillwrightHealth

@Suite("Jumps of the wall clock")
struct WallClockTests {
    /// A clock that a test sets.
    private final class SetClock: Sendable {
        private let seconds = Mutex(1_000_000.0)

        func jump(by hours: Double) { self.seconds.withLock { $0 += hours * 3600 } }
        var now: Double { self.seconds.withLock { $0 } }
    }

    @Test("An hour forwards or backwards makes nothing stale, late or hanging", arguments: [1, -1, 24, -24])
    func jumps(hours: Double) async throws {
        let clock = SetClock()
        let engine = try HealthEngine([ScriptedCheck("fine")], timeOfDay: { clock.now })
        await engine.sample()

        clock.jump(by: hours)
        let unchanged = engine.snapshot()
        await engine.sample()
        let renewed = engine.snapshot()

        #expect(unchanged.entries[0].result == .pass() && renewed.entries[0].result == .pass())
        #expect(renewed.status(of: .readyz) == .pass)
        #expect(renewed.entries.allSatisfy { $0.age ?? .seconds(9) < .seconds(9) && $0.age ?? .zero >= .zero })
        #expect(renewed.time == clock.now)
    }

    @Test("A run that hangs through a jump says since when in the time of the new clock")
    func hanging() async throws {
        let clock = SetClock()
        let gate = DeafGate()
        let check = ScriptedCheck("hung", schedule: .hasty) {
            await gate.wait()
            return .pass()
        }
        let engine = try HealthEngine([check], timeOfDay: { clock.now })
        clock.jump(by: 1)
        await engine.sample()

        let entry = engine.snapshot().entries[0]

        #expect(entry.result.code == "still_running")
        let since = try #require(entry.hangingSince)
        #expect(since < clock.now && since > clock.now - 60)
        gate.open()
    }
}
