// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO
import Testing

@testable import MillwrightRedis

@Suite("A connection", .timeLimit(.minutes(1)))
struct RedisConnectionTests {
    @Test("answers a command with what the server holds")
    func sends() async throws {
        let server = try await PrivateRedis()
        let connection = try await RedisConnection.connect(server.configuration)

        let stored = try await connection.send(RedisCommand("SET", "key", "value"))
        let found = try await connection.send(RedisCommand("GET", "key"))

        #expect(stored == .status("OK"))
        #expect(found == .bulk(Array("value".utf8)))
        await connection.close()
    }
}
