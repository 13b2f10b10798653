// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightRedis

@Suite("The commands", .timeLimit(.minutes(1)))
struct CommandsTests {
    @Test("SET honours its condition and the key's time to live")
    func set() async throws {
        let redis = RedisClient(try await SharedRedis.database())

        #expect(try await redis.set("a", "1", if: .ifPresent) == false)
        #expect(try await redis.set("a", "1", expiresIn: .milliseconds(90_500), if: .ifMissing))
        #expect(try await redis.set("a", "2", if: .ifMissing) == false)
        #expect(try await redis.set("a", "3", expiry: .keep))
        #expect(try await redis.get("a", as: Int.self) == 3)
        guard case .expires(let left) = try await redis.timeToLive("a") else { return #expect(Bool(false), "no time") }
        #expect(left > .seconds(60) && left <= .milliseconds(90_500))
        #expect(try await redis.set("a", "4"))
        #expect(try await redis.timeToLive("a") == .persistent)
        #expect(try await redis.timeToLive("none") == .missing)
        let error = await redisError { try await redis.set("a", "5", expiresIn: .zero) }
        #expect(error?.code == .usage)
        await redis.close()
    }

    @Test("keys are counted, deleted and given a time to live")
    func keys() async throws {
        let redis = RedisClient(try await SharedRedis.database())

        for name in ["a", "b", "c", "d"] { try await redis.set(name, name) }

        #expect(try await redis.dbsize() == 4)
        #expect(
            try await redis.mget(["a", "none", "c"]).map { $0.map { String(decoding: $0, as: UTF8.self) } } == [
                "a", nil, "c",
            ]
        )
        #expect(try await redis.mget([] as [String]).isEmpty)
        #expect(try await redis.unlink(["a", "none", "b"]) == 2)
        #expect(try await redis.del(["c"]) == 1)
        #expect(try await redis.expire("d", in: .microseconds(500)))
        #expect(try await redis.expire("none", in: .seconds(1)) == false)
        try await until { try await redis.exists("d") == false }
        #expect(try await redis.incr("n") == 1)
        #expect(try await redis.incr("n", by: -5) == -4)
        await redis.close()
    }

    @Test("hashes keep their fields")
    func hashes() async throws {
        let redis = RedisClient(try await SharedRedis.database())

        #expect(try await redis.hset("h", "name", "x"))
        #expect(try await redis.hincrby("h", "hits", by: 3) == 3)

        #expect(try await redis.hgetall("h", as: String.self, String.self) == ["name": "x", "hits": "3"])
        #expect(try await redis.hgetall("none").isEmpty)
        #expect(try await redis.hget("h", "none") == nil)
        await redis.close()
    }

    @Test("the server tells about itself")
    func server() async throws {
        let server = try await PrivateRedis()
        let redis = RedisClient(server.configuration)
        _ = try await redis.send(RedisCommand("CONFIG", "SET", "slowlog-log-slower-than", 0))
        try await redis.set("big", [UInt8](repeating: 1, count: 10_000))

        #expect(try await redis.info("server")["redis_version"] != nil)
        #expect(try await redis.info().keyspace[0]?.keys == 1)
        #expect(try await redis.configGet("maxmemory-pol*")["maxmemory-policy"] == "noeviction")
        #expect(try await (redis.memoryUsage("big") ?? 0) > 10_000)
        #expect(try await redis.memoryUsage("none") == nil)
        #expect(try await redis.clientList().map { $0["name"] } == ["millwright"])
        #expect(try await redis.role() == .primary(offset: 0, replicas: []))
        let slow = try await redis.slowlog(limit: 10)
        #expect(slow.contains { $0.arguments.first == Array("SET".utf8) && $0.clientName == "millwright" })
        await redis.close()
    }

    @Test("SCAN gives each key once, also while the table grows")
    func scan() async throws {
        let redis = RedisClient(try await SharedRedis.database())
        for number in 0..<1_000 { try await redis.set("k[\(number)]", number) }
        try await redis.hset("k[hash]", "f", "v")
        try await redis.set("other", "x")

        var found: [String] = []
        for try await key in redis.scan(matching: RedisPattern.prefix("k["), type: "string", batch: 10) {
            found.append(String(decoding: key, as: UTF8.self))
            if found.count % 50 == 0 {
                for more in 0..<200 { try await redis.set("grow \(found.count) \(more)", more) }
            }
        }

        #expect(found.count == 1_000)
        #expect(Set(found).count == 1_000)
        await redis.close()
    }

    @Test("a function of a library is called by its name")
    func functions() async throws {
        let redis = try await RedisConnection.connect(SharedRedis.database())
        let library = "#!lua name=sums\nredis.register_function('add', function(_, args) return args[1] + args[2] end)"
        _ = try await redis.send(RedisCommand("FUNCTION", "LOAD", "REPLACE", library))

        #expect(try await redis.fcall("add", arguments: [40, 2]) == .integer(42))
        await redis.close()
    }

    @Test("a script is sent by its digest, and with its text where the server forgot it")
    func scripts() async throws {
        let redis = RedisClient(try await SharedRedis.database())
        let script = RedisScript("return {KEYS[1], ARGV[1] + 1}")

        for _ in 0..<2 {
            let answer = try await redis.eval(script, keys: ["k"], arguments: [41])
            #expect(answer == .array([.bulk([0x6B]), .integer(42)]))
            _ = try await redis.send(RedisCommand("SCRIPT", "FLUSH"))
        }
        await redis.close()
    }

    @Test("MULTI runs all or none, and nothing where a watched key changed")
    func transactions() async throws {
        let redis = RedisClient(try await SharedRedis.database())

        let answers = try await redis.transaction([RedisCommand("INCR", "n"), RedisCommand("INCR", "n")])
        #expect(answers == [.integer(1), .integer(2)])
        let malformed = await redisError {
            _ = try await redis.transaction([RedisCommand("INCR", "n"), RedisCommand("INCR")])
        }
        #expect(malformed?.code == .commandFailed)
        let raced = await redisError {
            try await redis.withConnection { connection in
                _ = try await connection.send(RedisCommand("WATCH", "n"))
                try await redis.incr("n")
                _ = try await connection.transaction([RedisCommand("SET", "n", "0")])
            }
        }

        #expect(raced?.code == .transactionAborted)
        #expect(try await redis.get("n", as: Int.self) == 3)
        #expect(await redis.statistics().leases.idle == 1)
        await redis.close()
    }

    @Test("a duration becomes whole milliseconds, rounded up")
    func milliseconds() {
        #expect(Duration.milliseconds(1).wholeMilliseconds == 1)
        #expect(Duration.microseconds(1).wholeMilliseconds == 1)
        #expect(Duration.microseconds(-1).wholeMilliseconds == 0)
        #expect(Duration.milliseconds(-1_500).wholeMilliseconds == -1_500)
        #expect(Duration.seconds(Int64.max).wholeMilliseconds == .max)
    }

    @Test(
        "the digest is SHA-1",
        arguments: [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (String(repeating: "a", count: 1_000), "291e9a6c66994949b57ba5e650361e98fc36b1ba"),
            (String(repeating: "a", count: 55), "c1c8bbdc22796e28c0e15163d20899b65621d65a"),
            (String(repeating: "a", count: 56), "c2db330f6083854c99d4b5bfb6e8f29f201be699"),
            (String(repeating: "a", count: 64), "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
        ]
    )
    func digest(text: String, digest: String) { #expect(RedisScript(text).digest == digest) }
}
