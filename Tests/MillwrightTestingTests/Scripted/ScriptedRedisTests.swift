// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightRedis
import MillwrightTesting
import Testing

@Suite("A scripted Redis")
struct ScriptedRedisTests {
    @Test("Answers in order, and keeps the commands with their arguments")
    func order() async throws {
        let redis = ScriptedRedis([.status("OK"), .bulk(Array("value".utf8)), .null])

        try await redis.set("key", "value")
        #expect(try await redis.get("key", as: String.self) == "value")
        #expect(try await redis.get("other") == nil)

        #expect(
            redis.commands == [
                RedisCommand("SET", "key", "value"), RedisCommand("GET", "key"), RedisCommand("GET", "other"),
            ]
        )
    }

    @Test("Throws an error to one command, and puts it among the answers of several")
    func errors() async throws {
        let redis = ScriptedRedis { _ in .error(RedisError(.loading)) }

        #expect(await #expect(throws: RedisError.self) { try await redis.get("key") }?.code == .loading)
        let answers = try await redis.pipeline([RedisCommand("GET", "a"), RedisCommand("GET", "b")])

        #expect(answers.count == 2)
        #expect(redis.commands.count == 3)
    }

    @Test("Says that the script is over")
    func over() async {
        let redis = ScriptedRedis([])

        #expect(await #expect(throws: RedisError.self) { try await redis.ping() }?.code == .closed)
    }
}
