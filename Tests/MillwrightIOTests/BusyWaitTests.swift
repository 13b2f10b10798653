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
        #expect(!busyWait.isWorthwhile)

        busyWait.waited(nanoseconds: Self.short)
        #expect(busyWait.isWorthwhile)

        busyWait.answersAwaited = 0
        #expect(!busyWait.isWorthwhile)
    }

    @Test("A long answer sends it to sleep, until the next quick one")
    func afterALongAnswer() {
        var busyWait = BusyWait()
        busyWait.answersAwaited = 1
        busyWait.waited(nanoseconds: Self.short)

        busyWait.waited(nanoseconds: Self.long)
        #expect(!busyWait.isWorthwhile)

        busyWait.waited(nanoseconds: Self.short)
        #expect(busyWait.isWorthwhile)
    }

    @Test("How long an idle loop slept says nothing about answers")
    func idle() {
        var busyWait = BusyWait()
        busyWait.answersAwaited = 1
        busyWait.waited(nanoseconds: Self.short)
        busyWait.answersAwaited = 0

        busyWait.waited(nanoseconds: Self.long)
        busyWait.answersAwaited = 1

        #expect(busyWait.isWorthwhile)
    }
}
