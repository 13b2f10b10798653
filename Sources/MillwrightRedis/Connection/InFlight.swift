// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO

/// The book of who waits for which answer: answers come in the order in which commands were sent.
///
/// It holds no clock and wakes nobody; it says who is to be told what.
struct InFlight<Waiter> {
    struct Entry {
        let waiter: Waiter
        /// How many answers it waits for; more than one for a pipeline.
        let count: Int
        var replies: [RedisValue] = []
        /// After it the connection is no good, whether or not somebody still waits.
        let deadline: Deadline
        /// The place of its first byte in all that was ever sent.
        let start: Int
        /// Whether its waiter was told that it is late; its answer is dropped when it comes.
        var isLate = false
    }

    enum Received {
        /// An answer that nobody asked for.
        case unasked
        /// One answer of a pipeline; more are to come.
        case partial
        /// The last answer: tell the waiter.
        case complete(Waiter, RedisValue)
        /// Too late: drop it.
        case late
    }

    private var entries: [Entry?] = []
    private var head = 0
    private var lateCount = 0
    /// No deadline is before this one.
    private(set) var earliest = Deadline.never

    /// How many commands or pipelines are without their answers.
    var count: Int { self.entries.count - self.head }
    /// Whether nobody waits who was not told that it is late.
    var isAllLate: Bool { self.count == self.lateCount }

    mutating func append(_ waiter: Waiter, count: Int, deadline: Deadline, start: Int) {
        self.entries.append(Entry(waiter: waiter, count: count, deadline: deadline, start: start))
        if deadline < self.earliest { self.earliest = deadline }
    }

    /// An answer has come; it belongs to whoever waits longest.
    mutating func received(_ value: RedisValue) -> Received {
        guard self.head < self.entries.count, let count = self.entries[self.head]?.count else { return .unasked }
        if count == 1 { return self.finishFirst(with: value) }
        self.entries[self.head]?.replies.append(value)
        guard let replies = self.entries[self.head]?.replies, replies.count == count else { return .partial }
        return self.finishFirst(with: .array(replies))
    }

    /// Marks those whose deadline is over, and returns them.
    mutating func takeLate(at now: Deadline) -> [Entry] {
        guard self.earliest <= now else { return [] }
        var late: [Entry] = []
        self.earliest = .never
        for index in self.head..<self.entries.count {
            guard let entry = self.entries[index], !entry.isLate else { continue }
            if entry.deadline <= now {
                self.entries[index]?.isLate = true
                late.append(entry)
            } else if entry.deadline < self.earliest {
                self.earliest = entry.deadline
            }
        }
        self.lateCount += late.count
        return late
    }

    /// Empties the book and returns those who still wait.
    mutating func removeAll() -> [Entry] {
        let rest = self.entries[self.head...].compactMap { $0 }.filter { !$0.isLate }
        self = InFlight()
        return rest
    }

    private mutating func finishFirst(with value: RedisValue) -> Received {
        guard let entry = self.entries[self.head] else { return .unasked }
        self.removeFirst()
        guard entry.isLate else { return .complete(entry.waiter, value) }
        self.lateCount -= 1
        return .late
    }

    private mutating func removeFirst() {
        self.entries[self.head] = nil
        self.head += 1
        if self.head == self.entries.count {
            self.entries.removeAll(keepingCapacity: self.head <= 1_024)
            self.head = 0
            self.earliest = .never
        } else if self.head > 1_024, self.head * 2 > self.entries.count {
            self.entries.removeFirst(self.head)
            self.head = 0
        }
    }
}
