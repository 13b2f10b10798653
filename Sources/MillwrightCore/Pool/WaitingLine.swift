// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Callers that wait, the first to be served first, each until a time of its own.
struct WaitingLine: Sendable {
    private var places: [(waiter: Int, until: Duration)] = []
    private var head = 0
    // No waiter's time is over before this one.
    private var earliest: Duration?

    /// How many wait.
    var count: Int { self.places.count - self.head }
    var isEmpty: Bool { self.count == 0 }
    /// Who waits, the first to be served first.
    var waiters: [Int] { self.places[self.head...].map(\.waiter) }

    mutating func append(_ waiter: Int, until: Duration) {
        self.places.append((waiter, until))
        self.earliest = min(self.earliest ?? until, until)
    }

    /// Takes the first.
    mutating func next() -> Int? {
        guard !self.isEmpty else { return nil }
        defer {
            self.head += 1
            if self.isEmpty {
                self.removeAll()
            } else if self.head > 64, self.head * 2 > self.places.count {
                self.places.removeFirst(self.head)
                self.head = 0
            }
        }
        return self.places[self.head].waiter
    }

    /// Takes out whoever waits no longer; false where it was not there.
    mutating func leave(_ waiter: Int) -> Bool {
        guard let index = self.places[self.head...].firstIndex(where: { $0.waiter == waiter }) else { return false }
        self.places.remove(at: index)
        return true
    }

    /// Takes out those whose time is over.
    mutating func takeLate(at now: Duration) -> [Int] {
        guard let earliest, earliest <= now else { return [] }
        let all = self.places[self.head...]
        let late = all.filter { $0.until <= now }.map(\.waiter)
        self.places = all.filter { $0.until > now }
        self.head = 0
        self.earliest = self.places.lazy.map(\.until).min()
        return late
    }

    mutating func removeAll() {
        self.places.removeAll(keepingCapacity: true)
        self.head = 0
        self.earliest = nil
    }
}
