// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightIO

@Suite("Staying awake for an answer")
struct BusyWaitTests {
    private static let short: UInt64 = 50_000
    private static let long: UInt64 = 5_000_000

    @Test("The loop stays awake only while an answer is awaited, and after one that came quickly")
    func afterAQuickAnswer() {
        var busyWait = BusyWait()
        busyWait.answersAwaited = 1
        #expect(!busyWait.isWorthwhile(at: 0))

        busyWait.waited(nanoseconds: Self.short)
        #expect(busyWait.isWorthwhile(at: 0))

        busyWait.answersAwaited = 0
        #expect(!busyWait.isWorthwhile(at: 0))
    }

    @Test("A long answer sends it to sleep, until the next quick one")
    func afterALongAnswer() {
        var busyWait = BusyWait()
        busyWait.answersAwaited = 1
        busyWait.waited(nanoseconds: Self.short)

        busyWait.waited(nanoseconds: Self.long)
        #expect(!busyWait.isWorthwhile(at: 0))

        busyWait.waited(nanoseconds: Self.short)
        #expect(busyWait.isWorthwhile(at: 0))
    }

    @Test("How long an idle loop slept says nothing about answers")
    func idle() {
        var busyWait = BusyWait()
        busyWait.answersAwaited = 1
        busyWait.waited(nanoseconds: Self.short)
        busyWait.answersAwaited = 0

        busyWait.waited(nanoseconds: Self.long)
        busyWait.answersAwaited = 1

        #expect(busyWait.isWorthwhile(at: 0))
    }

    @Test("Where giving way lets somebody else run, it sleeps for a while, which doubles up to a limit")
    func contended() {
        var busyWait = BusyWait()
        busyWait.answersAwaited = 1
        busyWait.waited(nanoseconds: Self.short)
        var now: UInt64 = 0
        var pauses: [UInt64] = []

        for _ in 0..<9 {
            let start = now
            now += BusyWait.aloneNanoseconds + 1
            let isContended = busyWait.gaveWay(from: start, to: now)
            #expect(isContended)
            let end = pauses.last.map { min($0 * 2, 640_000_000) } ?? 5_000_000
            #expect(!busyWait.isWorthwhile(at: now + end - 1))
            #expect(busyWait.isWorthwhile(at: now + end))
            pauses.append(end)
            now += end
        }

        #expect(pauses.last == BusyWait.pauseNanoseconds.longest)
    }

    @Test("Once it had the processor for itself again, the next pause is short again")
    func aloneAgain() {
        var busyWait = BusyWait()
        busyWait.answersAwaited = 1
        busyWait.waited(nanoseconds: Self.short)
        for _ in 0..<5 { _ = busyWait.gaveWay(from: 0, to: Self.long) }

        let isContended = busyWait.gaveWay(from: Self.long, to: Self.long + BusyWait.aloneNanoseconds)
        _ = busyWait.gaveWay(from: 0, to: Self.long)

        #expect(!isContended)
        #expect(busyWait.isWorthwhile(at: Self.long + BusyWait.pauseNanoseconds.shortest))
    }
}
