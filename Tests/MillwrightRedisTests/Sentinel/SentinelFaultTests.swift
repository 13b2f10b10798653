// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightSandbox
import MillwrightTesting
import Testing

@testable import MillwrightRedis

@Suite("Behind Sentinels", .timeLimit(.minutes(2)))
struct SentinelFaultTests {
    // A task of its own, because the test that asks first may be cancelled and the others want the servers all the same.
    private static let shared = Task { try await SentinelServers(failsOver: false) }

    @Test("a client finds the primary, and what fails for other reasons changes nothing")
    func noOutage() async throws {
        let group = try await Self.shared.value
        let client = RedisClient(group.configuration)
        try await client.set("text", "x")

        let error = await redisError { _ = try await client.send(RedisCommand("INCR", "text")) }
        let wrong = await redisError { _ = try await client.send(RedisCommand("LPUSH", "text", "y")) }

        #expect(error?.code == .commandFailed)
        #expect(wrong?.code == .wrongType)
        #expect(await group.primary(of: client) == "redis")
        #expect(await client.sentinelStatus()?.failovers == [])
        #expect(await client.statistics().opened == 1)
        await client.close()
        #expect(await redisError { try await client.ping() }?.code == .closed)
    }

    @Test("one Sentinel is enough to find the others")
    func othersAreFound() async throws {
        let group = try await Self.shared.value
        var configuration = group.configuration
        configuration.sentinels?.endpoints = [group.servers.address(of: "sentinel-2")]
        let client = RedisClient(configuration)
        try await client.ping()

        #expect(await client.sentinelStatus()?.sentinels.count == 3)
        await client.close()
    }

    @Test("a name that nobody knows is an error in time, and at once after that")
    func unknownName() async throws {
        let group = try await Self.shared.value
        var configuration = group.configuration
        configuration.sentinels?.primaryName = "nobody"
        // A Sentinel is heard out even where it is slow: what it says of the name is in the error.
        configuration.sentinels?.timeout = .seconds(5)
        let client = RedisClient(configuration)

        let first = await redisError { try await client.ping() }
        // Nobody waits for what was looked for in vain as long as that.
        #expect(await redisError { try await client.ping() }?.code == .noPrimary)

        #expect(first?.code == .noPrimary)
        #expect(first?.description.contains("They do not know that name.") == true)
        await client.close()
    }

    @Test("a Sentinel that names a replica is not believed: the next one is asked")
    func liar() async throws {
        let group = try await Self.shared.value
        for (sentinel, server) in [
            ("sentinel-1", "redis-replica-1"), ("sentinel-2", "redis"), ("sentinel-3", "redis"),
        ] {
            try await group.servers.withConnection(to: sentinel) { connection in
                let port = group.servers.state[server]?.port ?? 0
                _ = try await connection.send(RedisCommand("SENTINEL", "MONITOR", "lie", "127.0.0.1", port, 3))
            }
        }
        var configuration = group.configuration
        configuration.sentinels?.primaryName = "lie"
        let client = RedisClient(configuration)

        try await client.set("told", "true")

        #expect(await group.primary(of: client) == "redis")
        await client.close()
    }

    @Test("a user who may not ask for the role is let in")
    func noRole() async throws {
        let group = try await Self.shared.value
        let rule = ["app", "on", ">secret", "~*", "+@all", "-role"]
        try await group.servers.withConnection(to: "redis") {
            _ = try await $0.send(RedisCommand("ACL", arguments: ["SETUSER"] + rule))
        }
        var configuration = group.configuration
        configuration.user = "app"
        configuration.password = .init("secret")
        let client = RedisClient(configuration)

        try await client.set("mine", "1")

        configuration.password = .init("wrong")
        let stranger = RedisClient(configuration)
        #expect(await redisError { try await stranger.ping() }?.code == .wrongPassword)
        await stranger.close()
        await client.close()
    }

    @Test("a connection of one's own leads to the primary, too")
    func connection() async throws {
        let group = try await Self.shared.value

        let connection = try await RedisConnection.connect(group.configuration)

        guard case .primary = try await connection.role() else {
            Issue.record("it leads to a replica")
            return
        }
        await connection.close()
    }

    @Test("a frozen Sentinel costs one short wait, and the next is asked first from then on")
    func frozenSentinel() async throws {
        let group = try await SentinelServers(failsOver: false)
        try await group.server("sentinel-1").stop()
        let client = RedisClient(group.configuration)

        try await client.ping()

        let sentinels = await client.sentinelStatus()?.sentinels
        #expect(sentinels?.count == 3)
        #expect(sentinels?.first != group.servers.address(of: "sentinel-1"))
        await client.close()
    }

    @Test("a primary goes on while all Sentinels are down, also for new connections")
    func sentinelsDown() async throws {
        let group = try await SentinelServers(failsOver: false)
        let client = RedisClient(group.configuration)
        try await client.set("key", "1")

        for number in 1...3 { try await group.server("sentinel-\(number)").kill() }
        let other = try await RedisConnection.connect(RedisConfiguration(endpoint: group.servers.address(of: "redis")))
        _ = try await other.send(RedisCommand("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"))
        try await until { (try? await client.set("key", "2")) == true }

        #expect(try await client.withConnection { try await $0.get("key", as: String.self) } == "2")
        #expect(await client.sentinelStatus()?.failovers == [])
        await other.close()
        await client.close()
        let stranger = RedisClient(group.configuration)
        #expect(await redisError { try await stranger.ping() }?.code == .noPrimary)
        await stranger.close()
    }

    @Test("Sentinels may want a password of their own")
    func password() async throws {
        let group = try await SentinelServers(failsOver: false) { plan in
            plan.sentinelSettings["requirepass"] = "watchword"
            plan.sentinelSettings["sentinel sentinel-pass"] = "watchword"
        }
        var configuration = group.configuration
        configuration.sentinels?.password = .init("watchword")
        let client = RedisClient(configuration)

        try await client.ping()

        configuration.sentinels?.password = .init("mistaken")
        let stranger = RedisClient(configuration)
        let error = await redisError { try await stranger.ping() }
        #expect(error?.code == .noPrimary)
        #expect(error?.hint?.contains("WRONGPASS") == true)
        #expect(error?.debugDescription.contains("mistaken") == false)
        await stranger.close()
        await client.close()
    }
}
