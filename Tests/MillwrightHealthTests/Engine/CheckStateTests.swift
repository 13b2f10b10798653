// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightHealth

@Suite("The state of one check")
struct CheckStateTests {
    private let schedule = HealthSchedule(interval: .seconds(2), deadline: .milliseconds(500))
    private let failure = HealthResult(.fail, code: "redis.timed_out")

    @Test("Before the first run comes back a check fails as not sampled yet")
    func unsampled() {
        let state = CheckState(schedule: self.schedule)

        #expect(state.reading(at: .zero).result == HealthResult(.fail, code: "not_sampled_yet"))
    }

    @Test("No second run begins while one hangs, and the hanging one is a failure from its deadline on")
    func hanging() {
        var state = CheckState(schedule: self.schedule)
        let first = state.begin(at: .zero)
        state.finish(.pass(), at: .milliseconds(3))
        let second = state.begin(at: .seconds(2))

        let third = state.begin(at: .seconds(4))

        #expect([first, second, third] == [true, true, false])
        #expect(state.reading(at: .milliseconds(2400)).result == .pass())
        let late = state.reading(at: .milliseconds(2600))
        #expect(late.result == HealthResult(.fail, code: "still_running") && late.hangingSince == .seconds(2))
        #expect(late.took == .milliseconds(600))
    }

    @Test("A run that comes back after its deadline counts as failed, and the next one may begin")
    func late() {
        var state = CheckState(schedule: self.schedule)
        _ = state.begin(at: .zero)
        state.finish(.pass(), at: .seconds(3))

        #expect(state.reading(at: .seconds(3)).result.code == "timeout")
        #expect(state.reading(at: .seconds(3)).hangingSince == nil)
        let next = state.begin(at: .seconds(4))
        #expect(next)
    }

    @Test("A result that nobody renews turns stale")
    func stale() {
        var state = CheckState(schedule: self.schedule)
        _ = state.begin(at: .zero)
        state.finish(.pass(), at: .milliseconds(1))

        #expect(state.reading(at: .milliseconds(6500)).result == .pass())
        #expect(state.reading(at: .milliseconds(6502)).result == HealthResult(.fail, code: "stale"))
        #expect(state.changeTimes == [.milliseconds(6501)])
    }

    @Test("A check that wants three failures keeps its status until the third, and two passes to come back")
    func hysteresis() {
        var state = CheckState(schedule: HealthSchedule(failuresToFail: 3, passesToPass: 2))
        let results: [HealthResult] = [
            .pass(), self.failure, self.failure, .pass(), self.failure, self.failure, self.failure, .pass(), .pass(),
        ]

        let statuses = results.enumerated().map { index, result in
            _ = state.begin(at: .seconds(index))
            state.finish(result, at: .seconds(index))
            return state.reading(at: .seconds(index)).result.status
        }

        #expect(statuses == [.pass, .pass, .pass, .pass, .pass, .pass, .fail, .fail, .pass])
    }

    @Test("The first result counts at once, whatever the thresholds")
    func firstResult() {
        var state = CheckState(schedule: HealthSchedule(failuresToFail: 3))
        _ = state.begin(at: .zero)
        state.finish(self.failure, at: .zero)

        #expect(state.reading(at: .zero).result == self.failure)
    }
}
