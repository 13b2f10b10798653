// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO
import Testing

@testable import MillwrightRedis

@Suite("The book of commands in flight")
struct InFlightTests {
    /// What became of an answer, in one word.
    private func word(_ received: InFlight<Int>.Received) -> String {
        switch received {
        case .unasked: "unasked"
        case .partial: "partial"
        case .dropped: "dropped"
        case .complete(let waiter, let value): "\(waiter): \(value == .integer(waiter) ? "own" : value.kind)"
        }
    }

    @Test("gives answers to waiters in the order of their commands")
    func order() {
        var book = InFlight<Int>()
        for number in 0..<5_000 { book.append(number, count: 1, deadline: .never, start: number) }

        for number in 0..<5_000 { #expect(self.word(book.received(.integer(number))) == "\(number): own") }

        #expect(book.count == 0)
        #expect(self.word(book.received(.null)) == "unasked")
    }

    @Test("collects the answers of a pipeline")
    func pipeline() {
        var book = InFlight<Int>()
        book.append(1, count: 3, deadline: .never, start: 0)
        book.append(2, count: 1, deadline: .never, start: 0)

        let words = [RedisValue.null, .null, .null, .integer(2)].map { self.word(book.received($0)) }

        #expect(words == ["partial", "partial", "1: an array", "2: own"])
    }

    @Test("tells each late waiter once, and drops its answer when it comes")
    func late() {
        var book = InFlight<Int>()
        let soon = Deadline.after(.seconds(1))
        let later = Deadline.after(.seconds(9))
        book.append(1, count: 1, deadline: later, start: 0)
        book.append(2, count: 1, deadline: soon, start: 0)

        let none = book.takeLate(at: .after(.zero))
        #expect(!none.isAnyLate && none.waiters.isEmpty)
        #expect(book.earliest == soon)
        #expect(book.takeLate(at: .after(.seconds(2))).waiters.map(\.waiter) == [2])
        #expect(!book.takeLate(at: .after(.seconds(2))).isAnyLate)
        #expect(book.earliest == later)
        #expect(!book.isAbandoned)
        #expect(self.word(book.received(.integer(1))) == "1: own")
        #expect(book.isAbandoned)
        #expect(self.word(book.received(.integer(2))) == "dropped")
        #expect(book.count == 0)
    }

    @Test("drops the answer to who was cancelled, and gives the others theirs")
    func cancelled() {
        var book = InFlight<Int>()
        for number in 0..<3 {
            book.append(number, ticket: UInt64(number + 10), count: 1, deadline: .never, start: 0)
        }

        let told = [book.abandon(ticket: 11), book.abandon(ticket: 11), book.abandon(ticket: 99)]

        #expect(told == [1, nil, nil])
        #expect((0..<3).map { self.word(book.received(.integer($0))) } == ["0: own", "dropped", "2: own"])
        #expect(book.count == 0)
    }

    @Test("holds a cancelled command to its deadline, too")
    func cancelledAndLate() {
        var book = InFlight<Int>()
        book.append(1, ticket: 1, count: 1, deadline: .after(.zero), start: 0)
        _ = book.abandon(ticket: 1)

        let late = book.takeLate(at: .after(.seconds(1)))

        #expect(late.isAnyLate && late.waiters.isEmpty)
        #expect(book.isAbandoned)
    }

    @Test("keeps its order while the ring turns and grows")
    func ring() {
        var book = InFlight<Int>()
        var (next, expected) = (0, 0)
        for size in [3, 15, 16, 17, 40, 5, 100] {
            for _ in 0..<size {
                book.append(next, count: 1, deadline: .never, start: 0)
                next += 1
            }
            for _ in 0..<(size - 1) {
                #expect(self.word(book.received(.integer(expected))) == "\(expected): own")
                expected += 1
            }
        }

        #expect(book.count == next - expected)
        #expect(book.removeAll().map(\.waiter) == Array(expected..<next))
    }

    @Test("names those who still wait when the connection ends")
    func end() {
        var book = InFlight<Int>()
        book.append(1, count: 1, deadline: .after(.zero), start: 0)
        book.append(2, count: 2, deadline: .never, start: 7)
        _ = book.takeLate(at: .after(.seconds(1)))

        let rest = book.removeAll()

        #expect(rest.map(\.waiter) == [2])
        #expect(rest.map(\.start) == [7])
        #expect(book.earliest == .never)
    }
}
