// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Whether the loop looks for an answer again and again before it sleeps, and for how long.
///
/// A server answers a short command sooner than a sleeping processor wakes, which takes some 80 µs on a virtual machine: the
/// loop stays awake that long, and gives way to whoever else wants the processor. It does so only while an answer is awaited
/// and the last one came quickly, so that neither an idle program nor one that waits for long statements spends anything.
struct BusyWait {
    /// Nanoseconds after which the loop sleeps all the same.
    static let limitNanoseconds: UInt64 = 200_000

    /// How many connections wait for an answer.
    var answersAwaited = 0
    private var wasShort = false

    /// Whether the next wait is likely to be short.
    var isWorthwhile: Bool { self.answersAwaited > 0 && self.wasShort }

    /// Learns how long a wait was; a wait for anything but an answer teaches nothing.
    mutating func waited(nanoseconds: UInt64) {
        if self.answersAwaited > 0 { self.wasShort = nanoseconds < Self.limitNanoseconds }
    }
}
