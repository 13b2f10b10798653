// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightRedis

@Suite("Published messages")
struct MessageBufferTests {
    private func message(_ number: Int) -> RedisMessage { RedisMessage(channel: [1], payload: Array("\(number)".utf8)) }

    @Test("are read in their order, however many are kept")
    func order() {
        var buffer = MessageBuffer(limit: 10_000)
        for number in 0..<5_000 {
            let isKept = buffer.append(self.message(number))
            #expect(isKept)
        }

        for number in 0..<5_000 {
            let next = buffer.next()
            #expect(next == .message(self.message(number)))
        }
        let last = buffer.next()
        #expect(last == .wait)
    }

    @Test("are read first that were put back, wherever they lay")
    func putBack() {
        var buffer = MessageBuffer(limit: 10)
        for number in 0..<3 { _ = buffer.append(self.message(number)) }

        _ = buffer.next()
        buffer.putBack(self.message(0))
        let all = (0..<3).map { _ in buffer.next() }
        buffer.putBack(self.message(2))
        let last = buffer.next()
        let none = buffer.next()

        #expect(all == (0..<3).map { .message(self.message($0)) })
        #expect(last == .message(self.message(2)))
        #expect(none == .wait)
    }

    @Test("find no room beyond the limit, and some again when one was read")
    func limit() {
        var buffer = MessageBuffer(limit: 2)

        let kept = (0..<3).map { buffer.append(self.message($0)) }
        _ = buffer.next()
        let isKept = buffer.append(self.message(3))

        #expect(kept == [true, true, false])
        #expect(isKept)
    }

    @Test("can be read when it is over, and then the first reason is told")
    func end() {
        var buffer = MessageBuffer(limit: 2)
        _ = buffer.append(self.message(0))
        buffer.finish(RedisError(.overflow, line: 1))
        buffer.finish(nil)

        let nexts = (0..<3).map { _ in buffer.next() }

        let over = MessageBuffer.Next.over(RedisError(.overflow, line: 1))
        #expect(nexts == [.message(self.message(0)), over, over])
    }

    @Test("are told from confirmations")
    func parsing() {
        let word = { (text: String) in RedisValue.bulk(Array(text.utf8)) }

        let message = RedisMessage(pushed: .array([word("message"), word("a"), word("text")]))
        let matched = RedisMessage(pushed: .array([word("pmessage"), word("a*"), word("ab"), .bulk([0xFF])]))

        #expect(message == RedisMessage(channel: Array("a".utf8), payload: Array("text".utf8)))
        #expect(message?.text == "text")
        #expect(matched?.pattern == Array("a*".utf8))
        #expect(matched?.channelName == "ab")
        #expect(matched?.text == nil)
        #expect(RedisMessage(pushed: .array([word("subscribe"), word("a"), .integer(1)])) == nil)
        #expect(RedisMessage(pushed: .array([word("message"), word("a")])) == nil)
        #expect(RedisMessage(pushed: .status("PONG")) == nil)
    }
}
