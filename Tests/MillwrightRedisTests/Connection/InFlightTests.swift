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
        case .late: "late"
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

        #expect(book.takeLate(at: .after(.zero)).isEmpty)
        #expect(book.earliest == soon)
        #expect(book.takeLate(at: .after(.seconds(2))).map(\.waiter) == [2])
        #expect(book.takeLate(at: .after(.seconds(2))).isEmpty)
        #expect(book.earliest == later)
        #expect(!book.isAllLate)
        #expect(self.word(book.received(.integer(1))) == "1: own")
        #expect(book.isAllLate)
        #expect(self.word(book.received(.integer(2))) == "late")
        #expect(book.count == 0)
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
