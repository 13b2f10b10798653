// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightRedis

@Suite("Reading answers")
struct ReplyReaderTests {
    private func feed(_ reader: HiredisReader, _ text: String) {
        Array(text.utf8).withUnsafeBytes { reader.feed($0) }
    }

    @Test("knows of an answer that has begun and not ended", arguments: ["+O", "$5\r\nab", "*2\r\n:1\r\n", "$"])
    func begun(text: String) {
        let reader = HiredisReader()
        #expect(reader.isAtRest)

        self.feed(reader, ":1\r\n")
        #expect(reader.next() == .integer(1))
        #expect(reader.next() == nil)
        #expect(reader.isAtRest)
        self.feed(reader, text)
        #expect(reader.next() == nil)

        #expect(!reader.isAtRest)
    }

    @Test(
        "builds every kind of answer, however the bytes are cut",
        arguments: [
            ("+OK\r\n", .status("OK")), (":-42\r\n", .integer(-42)), ("$-1\r\n", .null), ("$0\r\n\r\n", .bulk([])),
            ("$2\r\n\r\n\r\n", .bulk([0x0D, 0x0A])), ("*-1\r\n", .null), ("*0\r\n", .array([])),
            ("*2\r\n:1\r\n$-1\r\n", .array([.integer(1), .null])),
            (
                "*3\r\n*1\r\n:1\r\n*2\r\n*0\r\n+x\r\n:9\r\n",
                .array([.array([.integer(1)]), .array([.array([]), .status("x")]), .integer(9)])
            ),
        ] as [(String, RedisValue)]
    )
    func kinds(text: String, value: RedisValue) {
        let reader = HiredisReader()
        var found: [RedisValue] = []

        for character in (text + text).utf8 {
            [character].withUnsafeBytes { reader.feed($0) }
            while let value = reader.next() { found.append(value) }
        }

        #expect(found == [value, value])
        #expect(reader.failure == nil)
    }

    @Test(
        "builds the kinds of the newer protocol",
        .enabled(if: HiredisReader.readsRESP3, "hiredis is older than 1.0"),
        arguments: [
            ("_\r\n", .null), ("#t\r\n", .bool(true)), ("#f\r\n", .bool(false)), (",1.5\r\n", .double(1.5)),
            (",-inf\r\n", .double(-.infinity)), ("(12345678901234567890\r\n", .bigNumber("12345678901234567890")),
            ("=8\r\ntxt:text\r\n", .verbatim(format: "txt", Array("text".utf8))), ("~1\r\n:1\r\n", .set([.integer(1)])),
            ("%1\r\n+a\r\n:1\r\n", .map([.init(key: .status("a"), value: .integer(1))])), ("%0\r\n", .map([])),
            (">2\r\n+message\r\n:1\r\n", .push([.status("message"), .integer(1)])),
        ] as [(String, RedisValue)]
    )
    func newKinds(text: String, value: RedisValue) {
        let reader = HiredisReader()

        self.feed(reader, text + text)

        #expect([reader.next(), reader.next(), reader.next()] == [value, value, nil])
        #expect(reader.failure == nil)
    }

    @Test("passes over what only says something about the answer that follows")
    func attribute() {
        let reader = HiredisReader()

        self.feed(reader, "|1\r\n+ttl\r\n:3600\r\n:1\r\n:2\r\n")
        let values = [reader.next(), reader.next(), reader.next()]

        // An older hiredis knows no attributes, and says so.
        if reader.failure == nil { #expect(values == [.integer(1), .integer(2), nil]) }
    }

    @Test("keeps the code of an error, also inside an array")
    func errors() {
        let reader = HiredisReader()

        self.feed(reader, "*2\r\n-WRONGTYPE Operation against a key\r\n:1\r\n")

        guard case .array(let elements) = reader.next(), case .error(let error) = elements.first else {
            return #expect(Bool(false), "no error")
        }
        #expect(error.code == .wrongType)
        #expect(elements.count == 2)
    }

    @Test(
        "fails for good at bytes that make no sense",
        arguments: ["?what\r\n", "*x\r\n", ":1x\r\n", "HTTP/1.1 400\r\n"]
    )
    func nonsense(text: String) {
        let reader = HiredisReader()

        self.feed(reader, text)

        #expect(reader.next() == nil)
        #expect(reader.failure != nil)
        self.feed(reader, "+OK\r\n")
        #expect(reader.next() == nil)
    }

    @Test("takes no memory for elements that a server only claims")
    func claims() {
        let reader = HiredisReader()

        self.feed(reader, "*2147483647\r\n:1\r\n")

        #expect(reader.next() == nil)
    }

    @Test("fails at arrays nested without end, instead of stopping the program", arguments: [65, 1_000_000])
    func depth(levels: Int) {
        let reader = HiredisReader()

        self.feed(reader, String(repeating: "*1\r\n", count: levels) + ":1\r\n")

        #expect(reader.next() == nil)
        #expect(reader.failure != nil)
    }
}
