// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightRedis

@Suite("A command")
struct RedisCommandTests {
    @Test("is kept in the form it is sent in")
    func wire() {
        let command = RedisCommand("SET", "kéy", [0xFF, 0x0A] as [UInt8], 42)

        let expected =
            Array("*4\r\n$3\r\nSET\r\n$4\r\nkéy\r\n$2\r\n".utf8) + [0xFF, 0x0A] + Array("\r\n$2\r\n42\r\n".utf8)
        #expect(Array(command.wire) == expected)
        #expect(command.count == 4)
    }

    @Test("counts its words however many are added", arguments: [0, 9, 10, 99, 12_345])
    func many(count: Int) {
        let command = RedisCommand("MGET", arguments: (0..<count).map { "\($0)" })

        #expect(String(decoding: command.wire.prefix { $0 != 0x0D }, as: UTF8.self) == "*\(count + 1)")
        #expect(command.count == count + 1)
    }

    @Test("shows its name alone: keys and values can be secrets")
    func described() {
        #expect("\(RedisCommand("SET", "session:1", "secret"))" == "SET")
    }

    @Test(
        "says what it asks of its connection",
        arguments: [
            (RedisCommand("GET", "MULTI"), .anyConnection), (RedisCommand("select", 1), .ownConnection),
            (RedisCommand("MULTI"), .ownConnection), (RedisCommand("BLPOP", "a", 0), .ownConnection),
            (RedisCommand("XREAD", "COUNT", 1, "STREAMS", "a", "0"), .anyConnection),
            (RedisCommand("XREAD", "block", 0, "STREAMS", "a", "$"), .ownConnection),
            (RedisCommand("CLIENT", "LIST"), .anyConnection), (RedisCommand("CLIENT", "reply", "OFF"), .unsupported),
            (RedisCommand("CLIENT", "TRACKING", "on"), .ownConnection), (RedisCommand("Subscribe", "a"), .unsupported),
            (RedisCommand("HELLO", 3), .unsupported), (RedisCommand("INFO"), .anyConnection),
        ] as [(RedisCommand, RedisCommand.Need)]
    )
    func needs(command: RedisCommand, need: RedisCommand.Need) { #expect(command.need == need) }
}

@Suite("What commands leave behind")
struct SessionTraceTests {
    @Test(
        "decides whether the next caller may have the connection",
        arguments: [
            (["GET", "BLPOP"], true), (["WATCH"], false), (["WATCH", "UNWATCH"], true), (["MULTI"], false),
            (["WATCH", "MULTI", "EXEC"], true), (["multi", "discard"], true), (["MULTI", "UNWATCH"], false),
            (["SELECT"], false), (["SELECT", "EXEC"], false), (["AUTH"], false),
        ] as [([String], Bool)]
    )
    func clean(names: [String], isClean: Bool) {
        var trace = SessionTrace()

        for name in names { trace.note(RedisCommand(name)) }

        #expect(trace.isClean == isClean)
    }
}
