// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// The instant after which nobody waits any longer, on the monotonic clock: setting the wall clock moves no deadline.
public struct Deadline: Sendable, Hashable, Comparable {
    /// Nanoseconds on the monotonic clock.
    let nanoseconds: UInt64

    /// A deadline that never comes; for tests and for work that somebody else bounds.
    public static let never = Deadline(nanoseconds: .max)

    /// Returns the instant `duration` from now; a negative duration is over at once.
    public static func after(_ duration: Duration) -> Deadline { .after(nanoseconds: duration.wholeNanoseconds) }

    /// Returns the instant so many nanoseconds from now.
    public static func after(nanoseconds: UInt64) -> Deadline {
        let (sum, overflow) = Self.now.addingReportingOverflow(nanoseconds)
        return Deadline(nanoseconds: overflow ? .max : sum)
    }

    /// The time left, zero where it is over, `nil` where it never comes.
    public var remaining: Duration? {
        guard self != .never else { return nil }
        let now = Self.now
        return self.nanoseconds <= now ? .zero : .nanoseconds(Int64(clamping: self.nanoseconds - now))
    }

    /// Whether it has passed.
    public var isOver: Bool { self.nanoseconds <= Self.now }

    /// The time that deadlines are measured by: a span since a fixed start, a few milliseconds coarse.
    public static var clock: Duration { .nanoseconds(Int64(clamping: Self.now)) }

    /// Orders by which comes first.
    public static func < (one: Deadline, other: Deadline) -> Bool { one.nanoseconds < other.nanoseconds }

    /// The coarse clock ticks every few milliseconds and costs no system call: precise enough to give up by.
    static var now: UInt64 { Self.read(CLOCK_MONOTONIC_COARSE) }

    /// The same clock to the nanosecond, for spans shorter than its coarse tick.
    static var preciseNow: UInt64 { Self.read(CLOCK_MONOTONIC) }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

extension Duration {
    /// Zero where negative, the largest number where it does not fit.
    public var wholeNanoseconds: UInt64 {
        // Up to 18 seconds, as most waits are: without the division of 128 bits that `components` takes.
        if let short = UInt64(exactly: self.attoseconds) { return short / 1_000_000_000 }
        let (seconds, attoseconds) = self.components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = product.addingReportingOverflow(UInt64(attoseconds / 1_000_000_000))
        return overflow || carry ? .max : sum
    }
}
