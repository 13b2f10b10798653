// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightCore
import MillwrightSandbox
import MillwrightTesting
import Synchronization
import Testing

@testable import MillwrightRedis

@Suite("A server that was demoted", .timeLimit(.minutes(1)))
struct DemotionTests {
    @Test("is told of at its first READONLY, and again after a second")
    func paced() {
        let demotion = Demotion()
        let count = Mutex(0)
        let start = ContinuousClock.now
        demotion.handle { count.withLock { $0 += 1 } }

        demotion.notice(RedisError(.wrongType), at: start)
        #expect(count.withLock { $0 } == 0)
        for milliseconds in [0, 1, 999] {
            demotion.notice(RedisError(.readOnly), at: start + .milliseconds(milliseconds))
        }
        #expect(count.withLock { $0 } == 1)
        demotion.notice(RedisError(.readOnly), at: start + .seconds(1))

        #expect(count.withLock { $0 } == 2)
    }

    @Test("is told of before the caller hears of it, who asks at once whether to try again")
    func toldFirst() async throws {
        let connection = try await RedisConnection.connect(SharedRedis.database())
        try await connection.set("text", "x")
        let isTold = Mutex(false)
        await connection.tellOfTrouble { _ in
            // Time enough for a caller that was woken too early.
            usleep(20_000)
            isTold.withLock { $0 = true }
        }

        let error = await redisError { _ = try await connection.send(RedisCommand("INCR", "text")) }

        #expect(isTold.withLock { $0 })
        #expect(error?.code == .commandFailed)
        await connection.close()
    }

    /// A socket's path that leads to another server, as a name does after a failover.
    @Test("is left for the one that its name leads to now, and no caller sees READONLY")
    func followed() async throws {
        let (old, new) = try await (PrivateRedis(), PrivateRedis())
        let name = "/tmp/millwright-name-\(getpid()).sock"
        try Self.lead(name, to: old)
        defer { unlink(name) }
        let client = RedisClient(try RedisConfiguration("unix://\(name)"))
        try await client.set("key", "before")
        try await client.withConnection { try await $0.ping() }

        try Self.lead(name, to: new)
        try await Self.demote(old)
        try await client.set("key", "after")

        #expect(await client.statistics().leases.idle == 0)
        // None where the connection was a new one by then, as after half a minute of waiting on a busy machine.
        #expect(await client.statistics().retries <= 1)
        #expect(try await client.withConnection { try await $0.get("key", as: String.self) } == "after")
        let direct = try await RedisConnection.connect(new.configuration)
        #expect(try await direct.get("key", as: String.self) == "after")
        await direct.close()
        await client.close()
    }

    @Test("and that nobody follows is an error, which costs a new connection once a second and no more")
    func stays() async throws {
        let server = try await PrivateRedis()
        let client = RedisClient(server.configuration)
        try await client.ping()
        try await Self.demote(server)
        let start = ContinuousClock.now

        for _ in 0..<20 {
            #expect(await redisError { try await client.set("key", "value") }?.code == .readOnly)
        }

        // The first connection, one for the first refusal, and one for each second that the loop takes on a busy machine.
        let seconds = Int(start.duration(to: .now) / .seconds(1))
        #expect(await client.statistics().opened <= 2 + seconds)
        try await client.ping()
        await client.close()
    }

    private static func lead(_ name: String, to server: PrivateRedis) throws {
        guard case .unix(let path) = server.configuration.endpoint else { throw RedisError(.usage) }
        let fresh = name + ".new"
        unlink(fresh)
        guard symlink(path, fresh) == 0, rename(fresh, name) == 0 else { throw RedisError(.usage) }
    }

    private static func demote(_ server: PrivateRedis) async throws {
        let connection = try await RedisConnection.connect(server.configuration)
        _ = try await connection.send(RedisCommand("REPLICAOF", "127.0.0.1", 1))
        await connection.close()
    }
}
