// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO
import Testing

@testable import MillwrightRedis

@Suite("A connection", .timeLimit(.minutes(1)))
struct RedisConnectionTests {
    @Test("answers a command with what the server holds")
    func sends() async throws {
        let connection = try await RedisConnection.connect(SharedRedis.database())

        let stored = try await connection.send(RedisCommand("SET", "key", "value"))
        let found = try await connection.send(RedisCommand("GET", "key"))

        #expect(stored == .status("OK"))
        #expect(found == .bulk(Array("value".utf8)))
        await connection.close()
    }

    @Test("keeps every byte of keys and values, also those that are no text")
    func bytes() async throws {
        let connection = try await RedisConnection.connect(SharedRedis.database())
        let key: [UInt8] = [0xFF, 0x00, 0x0D, 0x0A, 0x24]
        let value = (0...255).map { UInt8($0) } + [0xC3, 0x28]

        try await connection.set(key, value)

        #expect(try await connection.get(key) == value)
        let error = await redisError { _ = try await connection.get(key, as: String.self) }
        #expect(error?.code == .decodingFailed)
        await connection.close()
    }

    @Test("carries values of 20 megabytes both ways")
    func bigValues() async throws {
        let connection = try await RedisConnection.connect(SharedRedis.database())
        let value = [UInt8](unsafeUninitializedCapacity: 20_000_000) { buffer, count in
            for index in 0..<20_000_000 { buffer[index] = UInt8(truncatingIfNeeded: index &* 31) }
            count = 20_000_000
        }

        try await connection.set("big", value)
        let found = try await connection.get("big")

        #expect(found == value)
        #expect(try await connection.get("none") == nil)
        await connection.close()
    }

    @Test("gives each of 64 tasks its own of 100,000 pipelined answers")
    func manyTasks() async throws {
        let connection = try await RedisConnection.connect(SharedRedis.database())

        try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<64 {
                group.addTask {
                    var wrong = 0
                    for turn in 0..<1_563 {
                        let text = "task \(task) turn \(turn)"
                        if try await connection.send(RedisCommand("ECHO", text)) != .bulk(Array(text.utf8)) {
                            wrong += 1
                        }
                    }
                    return wrong
                }
            }
            for try await wrong in group { #expect(wrong == 0) }
        }
        #expect(await connection.commandsInFlight == 0)
        await connection.close()
    }

    @Test("answers a pipeline in order, errors among the answers")
    func pipeline() async throws {
        let connection = try await RedisConnection.connect(SharedRedis.database())

        let replies = try await connection.pipeline([
            RedisCommand("SET", "word", "text"), RedisCommand("INCR", "word"), RedisCommand("GET", "word"),
        ])

        #expect(replies.count == 3)
        #expect(replies.first == .status("OK"))
        guard case .error(let error) = replies[1] else { return #expect(Bool(false), "no error") }
        #expect(error.code == .commandFailed)
        #expect(replies.last == .bulk(Array("text".utf8)))
        await connection.close()
    }

    @Test("chooses its database and gives its name when it is opened")
    func opening() async throws {
        var configuration = try await SharedRedis.database()
        configuration.clientName = "tester"
        let connection = try await RedisConnection.connect(configuration)

        let me = try await connection.send(RedisCommand("CLIENT", "INFO")).decode(as: String.self)

        #expect(me.contains(" db=\(configuration.database) "))
        #expect(me.contains(" name=tester "))
        await connection.close()
    }

    @Test("speaks the newest protocol that hiredis reads, or the old one where it is told to; both decode alike")
    func protocols() async throws {
        var configuration = try await SharedRedis.database()
        let newest = try await RedisConnection.connect(configuration)
        configuration.protocolVersion = .resp2
        let old = try await RedisConnection.connect(configuration)
        try await newest.hset("hash", "field", "value")

        let answers = [
            try await newest.send(RedisCommand("HGETALL", "hash")), try await old.send(RedisCommand("HGETALL", "hash")),
        ]

        let (field, value) = (RedisValue.bulk(Array("field".utf8)), RedisValue.bulk(Array("value".utf8)))
        #expect(answers[0] == (HiredisReader.readsRESP3 ? .map([.init(key: field, value: value)]) : answers[1]))
        #expect(answers[1] == .array([field, value]))
        for answer in answers { #expect(try answer.decode(as: [String: String].self) == ["field": "value"]) }
    }

    @Test(
        "refuses commands that have more than one answer",
        arguments: ["SUBSCRIBE", "monitor", "PSUBSCRIBE", "HELLO"]
    )
    func unsupported(name: String) async throws {
        let connection = try await RedisConnection.connect(SharedRedis.database())

        let error = await redisError { _ = try await connection.send(RedisCommand(name, "x")) }

        #expect(error?.code == .usage)
        try await connection.ping()
        await connection.close()
    }

    @Test("is closed once, and says so afterwards")
    func closing() async throws {
        let connection = try await RedisConnection.connect(SharedRedis.database())

        await connection.close()
        await connection.close()

        let error = await redisError { try await connection.ping() }
        #expect(error?.code == .closed)
        #expect(await connection.isOpen == false)
    }

    @Test("ends on the server, too, when it is let go without being closed")
    func letGo() async throws {
        let server = try await PrivateRedis()
        let watcher = try await RedisConnection.connect(server.configuration)
        for _ in 0..<20 { _ = try await RedisConnection.connect(server.configuration) }

        try await until { try await watcher.clientList().count == 1 }

        await watcher.close()
    }
}
