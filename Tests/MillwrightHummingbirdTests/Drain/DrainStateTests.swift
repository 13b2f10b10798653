// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightHummingbird

@Suite("The end of a server")
struct DrainStateTests {
    private func actions(_ events: DrainState.Event...) -> [[DrainState.Action]] {
        var state = DrainState(DrainPlan(drain: .seconds(8), finish: .seconds(20)))
        return events.map { state.handle($0) }
    }

    @Test("At the first signal readiness fails; after the drain it accepts no more; when the requests ended it is over")
    func inOrder() {
        #expect(
            self.actions(.asked, .timePassed(.draining), .ended) == [
                [.failReadiness, .wait(.seconds(8), .draining)],
                [.stopAccepting, .wait(.seconds(20), .finishing)],
                [],
            ]
        )
    }

    @Test("A second signal skips what is left of the drain, and the drain's time means nothing when it comes")
    func shortened() {
        #expect(
            self.actions(.asked, .asked, .timePassed(.draining)) == [
                [.failReadiness, .wait(.seconds(8), .draining)],
                [.stopAccepting, .wait(.seconds(20), .finishing)],
                [],
            ]
        )
    }

    @Test("Requests that do not finish in their time are cancelled, and left behind when they ignore that")
    func abandoned() {
        var state = DrainState(DrainPlan(drain: .seconds(8), finish: .seconds(20)))
        _ = [.asked, .timePassed(.draining)].map { state.handle($0) }

        #expect(state.handle(.timePassed(.finishing)) == [.abandonRequests, .wait(DrainState.patience, .abandoned)])
        #expect(state.phase == .abandoned)
        #expect(state.handle(.timePassed(.abandoned)) == [])
        #expect(state.phase == .over)
    }

    @Test("A third signal abandons the requests in flight, a fourth waits for nothing")
    func impatient() {
        var state = DrainState(DrainPlan())

        let actions = (0..<5).map { _ in state.handle(.asked).first }

        #expect(actions == [.failReadiness, .stopAccepting, .abandonRequests, nil, nil])
        #expect(state.phase == .over)
    }

    @Test("A server that ends by itself leaves nothing to do")
    func ended() {
        var state = DrainState(DrainPlan())

        #expect(state.handle(.ended) == [])
        #expect(state.phase == .over)
        #expect(state.handle(.asked) == [])
    }
}
