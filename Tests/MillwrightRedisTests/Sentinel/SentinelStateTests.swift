// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightRedis

@Suite("What Sentinels say")
struct SentinelStateTests {
    typealias Address = SentinelState.Address

    private let sentinels = (1...3).map { Address.tcp(host: "sentinel", port: $0) }
    private let old = Address.tcp(host: "old", port: 6_379)
    private let new = Address.tcp(host: "new", port: 6_379)

    /// A state that trusts `old`, in the words of the first Sentinel.
    private func trusting(epoch: Int = 3) -> SentinelState {
        var state = SentinelState(self.sentinels)
        _ = state.beginRound(at: .zero)
        _ = state.answered(self.sentinels[0], .init(primary: self.old, epoch: epoch))
        _ = state.verified(true)
        return state
    }

    /// One round in which each Sentinel answers as told, and servers say as told whether they are primaries.
    private func round(
        _ state: inout SentinelState,
        at time: Duration = .zero,
        answers: [Address: SentinelState.Answer],
        primaries: Set<Address>
    ) -> (asked: [Address], verified: [Address], end: SentinelState.Step) {
        var asked: [Address] = []
        var verified: [Address] = []
        var step = state.beginRound(at: time)
        while true {
            switch step {
            case .ask(let sentinel):
                asked.append(sentinel)
                step = state.answered(sentinel, answers[sentinel])
            case .verify(let server):
                verified.append(server)
                step = state.verified(primaries.contains(server))
            case .settled, .rest: return (asked, verified, step)
            }
        }
    }

    @Test("is asked of one after the other until one answers, who is asked first from then on")
    func rotation() {
        var state = SentinelState(self.sentinels)

        let first = self.round(
            &state,
            answers: [self.sentinels[2]: .init(primary: self.old, epoch: 0)],
            primaries: [self.old]
        )
        let second = self.round(
            &state,
            answers: [self.sentinels[2]: .init(primary: self.old, epoch: 0)],
            primaries: []
        )

        #expect(first.asked == self.sentinels)
        #expect(first.end == .settled)
        #expect(second.asked == [self.sentinels[2]])
        #expect(second.verified == [])
        #expect(state.primary == self.old)
    }

    @Test("is not believed before the server says itself that it is the primary")
    func verifies() {
        var state = SentinelState(self.sentinels)
        let lie = SentinelState.Answer(primary: self.new, epoch: 9)

        let result = self.round(
            &state,
            answers: [self.sentinels[0]: lie, self.sentinels[1]: .init(primary: self.old, epoch: 3)],
            primaries: [self.old]
        )

        #expect(result.verified == [self.new, self.old])
        #expect(state.primary == self.old)
        #expect(state.isTrusted)
    }

    @Test("costs a frozen server one question a round, however many name it")
    func asksOnce() {
        var state = SentinelState(self.sentinels)
        let answer = SentinelState.Answer(primary: self.old, epoch: 1)

        let result = self.round(
            &state,
            answers: Dictionary(uniqueKeysWithValues: self.sentinels.map { ($0, answer) }),
            primaries: []
        )

        #expect(result.asked == self.sentinels)
        #expect(result.verified == [self.old])
        #expect(result.end == .rest)
    }

    @Test("of a higher epoch deposes the primary before its successor is looked at")
    func deposes() {
        var state = self.trusting()

        _ = state.beginRound(at: .seconds(1))
        let step = state.answered(self.sentinels[0], .init(primary: self.new, epoch: 4))

        #expect(step == .verify(self.new))
        #expect(state.primary == nil)
        #expect(state.generation == 1)
    }

    @Test("of a lower epoch is hearsay: the next is asked, and the primary stays")
    func staleSentinel() {
        var state = self.trusting()

        let result = self.round(
            &state,
            answers: [
                self.sentinels[0]: .init(primary: self.new, epoch: 2),
                self.sentinels[1]: .init(primary: self.old, epoch: 3),
            ],
            primaries: [self.new, self.old]
        )

        #expect(result.verified == [])
        #expect(state.primary == self.old)
        #expect(state.generation == 0)
    }

    @Test("does not lead back to a deposed primary that says it is one, until who deposed it says so")
    func deposedReturns() {
        var state = self.trusting()
        let isNews = state.announced(from: self.old, to: self.new, by: self.sentinels[1])
        let hearsay = SentinelState.Answer(primary: self.old, epoch: 3)

        let first = self.round(&state, answers: [self.sentinels[0]: hearsay], primaries: [self.old])
        let second = self.round(
            &state,
            answers: [self.sentinels[0]: hearsay, self.sentinels[1]: .init(primary: self.new, epoch: 4)],
            primaries: [self.old, self.new]
        )

        #expect(isNews)
        #expect(first.end == .rest)
        #expect(first.verified == [])
        #expect(second.verified == [self.new])
        #expect(state.primary == self.new)
        #expect(state.generation == 1)
    }

    @Test("of a failover long over is taken back by who announced it")
    func lateAnnouncement() {
        var state = self.trusting()
        let isNews = state.announced(from: self.old, to: self.new, by: self.sentinels[1])

        let result = self.round(
            &state,
            answers: [self.sentinels[1]: .init(primary: self.old, epoch: 3)],
            primaries: [self.old]
        )

        #expect(isNews)
        #expect(result.asked == [self.sentinels[1]])
        #expect(state.primary == self.old)
    }

    @Test("that contradicts the epochs is believed when a majority insists: they were set up anew")
    func setUpAnew() {
        var state = self.trusting()
        let answer = SentinelState.Answer(primary: self.new, epoch: 0)
        let answers = [self.sentinels[0]: answer, self.sentinels[1]: answer]

        let early = self.round(&state, at: .seconds(10), answers: answers, primaries: [self.old, self.new])
        #expect(early.end == .settled)
        #expect(state.primary == self.old)
        _ = self.round(&state, at: .seconds(15), answers: answers, primaries: [self.old, self.new])

        #expect(state.primary == self.new)
        #expect(state.generation == 1)
    }

    @Test("is not needed by a primary that serves: it stays while all of them are silent")
    func silence() {
        var state = self.trusting()

        let result = self.round(&state, answers: [:], primaries: [])

        #expect(result.end == .settled)
        #expect(state.isTrusted)
    }

    @Test("is not needed by a primary in doubt either, where it says itself that it is one")
    func doubtInSilence() {
        var state = self.trusting()
        state.doubt(generation: 0)
        #expect(!state.isTrusted)

        let result = self.round(&state, answers: [:], primaries: [self.old])

        #expect(result.verified == [self.old])
        #expect(state.isTrusted)
        #expect(state.generation == 0)
    }

    @Test("of a connection of an earlier generation changes nothing")
    func earlierGeneration() {
        var state = self.trusting()
        _ = state.announced(from: self.old, to: self.new, by: self.sentinels[0])
        _ = self.round(
            &state,
            answers: [self.sentinels[0]: .init(primary: self.new, epoch: 4)],
            primaries: [self.new]
        )

        state.doubt(generation: 0)
        state.refused(generation: 0)

        #expect(state.primary == self.new)
        #expect(state.isTrusted)
    }

    @Test("that it is no primary is believed of the server itself, and what is connected is dropped")
    func readOnly() {
        var state = self.trusting()

        state.refused(generation: 0)

        #expect(state.primary == nil)
        #expect(state.generation == 1)
    }

    @Test("while a server is verified can make the verdict worthless")
    func deposedWhileVerified() {
        var state = SentinelState(self.sentinels)
        _ = state.beginRound(at: .zero)
        _ = state.answered(self.sentinels[0], .init(primary: self.old, epoch: 3))
        _ = state.verified(true)
        state.doubt(generation: 0)
        _ = state.beginRound(at: .seconds(1))
        _ = state.answered(self.sentinels[0], .init(primary: self.old, epoch: 3))

        _ = state.announced(from: self.old, to: self.new, by: self.sentinels[1])
        let step = state.verified(true)

        #expect(step == .ask(self.sentinels[1]))
        #expect(!state.isTrusted)
    }

    @Test("of each other is kept: new ones are asked last, unknown ones are forgotten, configured ones stay")
    func others() {
        var state = SentinelState([self.sentinels[0], self.sentinels[1]])

        state.learnt([self.sentinels[2]], from: self.sentinels[0])
        #expect(state.sentinels == self.sentinels)
        state.learnt([self.sentinels[1]], from: self.sentinels[0])

        #expect(state.sentinels == [self.sentinels[0], self.sentinels[1]])
    }
}
