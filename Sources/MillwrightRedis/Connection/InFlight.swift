// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO

/// The book of who waits for which answer: answers come in the order in which commands were sent.
///
/// It holds no clock and wakes nobody; it says who is to be told what.
struct InFlight<Waiter> {
    struct Entry {
        /// Who waits; `nil` when cancelled or late: its answers still come, and are dropped.
        var waiter: Waiter?
        /// What its cancellation names it by.
        let ticket: UInt64
        /// How many answers it waits for; more than one for a pipeline.
        let count: Int
        /// After it the connection is no good, whether or not somebody still waits.
        var deadline: Deadline
        /// The place of its first byte in all that was ever sent.
        let start: Int
    }

    enum Received {
        /// An answer that nobody asked for.
        case unasked
        /// One answer of a pipeline; more are to come.
        case partial
        /// The last answer: tell the waiter.
        case complete(Waiter, RedisValue)
        /// Nobody waits for it: drop it.
        case dropped
    }

    /// A ring: the longest wait at `head`, `count` of them; its size is a power of two.
    private var ring: [Entry?] = []
    private var head = 0
    /// How many commands or pipelines are without their answers.
    private(set) var count = 0
    /// How many of them nobody waits for.
    private var abandoned = 0
    /// The answers of the pipeline at the head; nobody else can have some.
    private var replies: [RedisValue] = []
    /// No deadline is before this one.
    private(set) var earliest = Deadline.never

    /// Whether nobody waits for any answer any more.
    var isAbandoned: Bool { self.count == self.abandoned }

    mutating func append(_ waiter: Waiter, ticket: UInt64 = 0, count: Int, deadline: Deadline, start: Int) {
        if self.count == self.ring.count { self.grow() }
        self.ring[self.place(self.count)] = Entry(
            waiter: waiter,
            ticket: ticket,
            count: count,
            deadline: deadline,
            start: start
        )
        self.count += 1
        if deadline < self.earliest { self.earliest = deadline }
    }

    /// An answer has come; it belongs to whoever waits longest.
    mutating func received(_ value: RedisValue) -> Received {
        guard self.count > 0, let first = self.ring[self.head] else { return .unasked }
        guard first.count > 1 else { return self.finishFirst(first.waiter, value) }
        self.replies.append(value)
        guard self.replies.count == first.count else { return .partial }
        defer { self.replies = [] }
        return self.finishFirst(first.waiter, .array(self.replies))
    }

    /// Its task was cancelled: returns the waiter to tell, `nil` where there is none any more.
    mutating func abandon(ticket: UInt64) -> Waiter? {
        // Cancelled commands are mostly the latest.
        for offset in stride(from: self.count - 1, through: 0, by: -1) {
            let place = self.place(offset)
            guard self.ring[place]?.ticket == ticket else { continue }
            return self.abandon(at: place)
        }
        return nil
    }

    /// Ends the waits whose deadline is over; `isAnyLate` also where nobody waited any more.
    mutating func takeLate(at now: Deadline) -> (isAnyLate: Bool, waiters: [(waiter: Waiter, start: Int)]) {
        guard self.earliest <= now else { return (false, []) }
        var waiters: [(Waiter, Int)] = []
        var isAnyLate = false
        self.earliest = .never
        for offset in 0..<self.count {
            let place = self.place(offset)
            guard let entry = self.ring[place] else { continue }
            if entry.deadline > now {
                self.earliest = min(self.earliest, entry.deadline)
                continue
            }
            isAnyLate = true
            self.ring[place]?.deadline = .never  // It is told once.
            if let waiter = self.abandon(at: place) { waiters.append((waiter, entry.start)) }
        }
        return (isAnyLate, waiters)
    }

    /// Empties the book and returns those who still wait.
    mutating func removeAll() -> [(waiter: Waiter, start: Int)] {
        let rest = (0..<self.count).compactMap { offset in
            self.ring[self.place(offset)].flatMap { entry in entry.waiter.map { ($0, entry.start) } }
        }
        self = InFlight()
        return rest
    }

    private func place(_ offset: Int) -> Int { (self.head &+ offset) & (self.ring.count &- 1) }

    private mutating func abandon(at place: Int) -> Waiter? {
        guard let waiter = self.ring[place]?.waiter else { return nil }
        self.ring[place]?.waiter = nil
        self.abandoned += 1
        return waiter
    }

    private mutating func finishFirst(_ waiter: Waiter?, _ value: RedisValue) -> Received {
        self.ring[self.head] = nil
        self.head = self.place(1)
        self.count -= 1
        if self.count == 0 { self.earliest = .never }
        guard let waiter else {
            self.abandoned -= 1
            return .dropped
        }
        return .complete(waiter, value)
    }

    /// Doubles the ring, the longest wait first.
    private mutating func grow() {
        let entries = (0..<self.count).map { self.ring[self.place($0)] }
        self.ring = entries + [Entry?](repeating: nil, count: max(16, entries.count))
        self.head = 0
    }
}
