// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Whether the loop looks for an answer again and again before it sleeps, and for how long.
///
/// A server answers a short command sooner than a sleeping processor wakes, which takes some 80 µs on a virtual machine: the
/// loop stays awake that long, and gives way to whoever else wants the processor. It does so only while an answer is awaited
/// and the last one came quickly, so that neither an idle program nor one that waits for long statements spends anything.
///
/// Where others do want the processor, the loop sleeps instead: a processor at work needs no waking, and Linux puts a thread
/// that keeps giving way behind all the others, each time by a whole slice.
struct BusyWait {
    /// Nanoseconds after which the loop sleeps all the same.
    static let limitNanoseconds: UInt64 = 200_000
    /// Nanoseconds that giving way takes at most where nobody else wants the processor.
    static let aloneNanoseconds: UInt64 = 50_000
    /// Nanoseconds for which the loop does not stay awake after somebody else wanted the processor; doubled each time that it
    /// is so again, up to the second.
    static let pauseNanoseconds: (shortest: UInt64, longest: UInt64) = (5_000_000, 640_000_000)

    /// How many connections wait for an answer.
    var answersAwaited = 0
    private var wasShort = false
    private var pause = Self.pauseNanoseconds.shortest
    private var pauseEnd: UInt64 = 0

    /// Whether the next wait is likely to be short, and nobody else wants the processor.
    func isWorthwhile(at now: UInt64) -> Bool { self.answersAwaited > 0 && self.wasShort && now >= self.pauseEnd }

    /// Learns how long a wait was; a wait for anything but an answer teaches nothing.
    mutating func waited(nanoseconds: UInt64) {
        if self.answersAwaited > 0 { self.wasShort = nanoseconds < Self.limitNanoseconds }
    }

    /// Learns how long giving way took; returns whether somebody else ran meanwhile.
    mutating func gaveWay(from start: UInt64, to now: UInt64) -> Bool {
        guard now - start > Self.aloneNanoseconds else {
            self.pause = Self.pauseNanoseconds.shortest
            return false
        }
        self.pauseEnd = now + self.pause
        self.pause = min(self.pause * 2, Self.pauseNanoseconds.longest)
        return true
    }
}
