// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO
import MillwrightSandbox
import MillwrightTesting
import Testing

@testable import MillwrightRedis

/// The clients of these tests are idle when the failover happens: none of their connections tells them of it, and none asks.
@Suite("A failover that is announced", .timeLimit(.minutes(2)))
struct SentinelListeningTests {
    /// A client that asks the Sentinels twice and then not again while a test lasts.
    private func idleClient(of group: SentinelServers) async throws -> RedisClient {
        var configuration = group.configuration
        configuration.sentinels?.pollInterval = .milliseconds(50)
        let client = RedisClient(configuration)
        try await client.ping()
        return client
    }

    /// How many listen to a Sentinel; it subscribes to its own servers elsewhere.
    private func listeners(of sentinel: String, in group: SentinelServers) async throws -> Int {
        try await group.servers.withConnection(to: sentinel) { connection in
            let list = try await connection.send(RedisCommand("CLIENT", "LIST", "TYPE", "pubsub"))
            return try list.decode(as: String.self).split(separator: "\n").count
        }
    }

    private func awaitListeners(_ count: Int, in group: SentinelServers) async throws {
        for number in 1...3 {
            try await until { try await self.listeners(of: "sentinel-\(number)", in: group) == count }
        }
    }

    @Test("is followed by a client that neither asks nor sends")
    func announced() async throws {
        let group = try await SentinelServers()
        let watch = PrimaryWatch(try self.patient(group), for: group.configuration, loop: .shared)
        let connection = try await self.opened(watch)
        await watch.listenToSentinels()
        try await self.awaitListeners(1, in: group)

        try await group.server("redis").stop()
        let promoted = try await group.servers.promotion(among: group.others(than: "redis"))
        try await until { await watch.status.failovers.last?.followed != nil }

        let failover = try #require(await watch.status.failovers.last)
        #expect(failover.old == group.servers.address(of: "redis"))
        #expect(failover.new == group.servers.address(of: promoted.name))
        #expect(await !connection.isOpen)
        try await group.server("redis").continue()
        await watch.close()
        try await self.awaitListeners(0, in: group)
    }

    @Test("is heard again from Sentinels that hung up")
    func hungUp() async throws {
        let group = try await SentinelServers()
        let watch = PrimaryWatch(try self.patient(group), for: group.configuration, loop: .shared)
        _ = try await self.opened(watch)
        await watch.listenToSentinels()
        try await self.awaitListeners(1, in: group)

        for number in 1...3 {
            try await group.servers.withConnection(to: "sentinel-\(number)") {
                _ = try await $0.send(RedisCommand("CLIENT", "KILL", "TYPE", "pubsub"))
            }
        }
        try await self.awaitListeners(1, in: group)
        try await group.server("redis").stop()
        try await until { await watch.status.failovers.last?.followed != nil }

        #expect(await watch.status.primary != group.servers.address(of: "redis"))
        try await group.server("redis").continue()
        await watch.close()
    }

    @Test("is heard from every Sentinel once a client is connected, and from none when it is closed")
    func clients() async throws {
        let group = try await SentinelServers(failsOver: false)
        let client = try await self.idleClient(of: group)

        try await self.awaitListeners(1, in: group)
        await client.close()

        try await self.awaitListeners(0, in: group)
    }

    /// A connection to the primary; a busy machine may find none in the time that a caller waits.
    private func opened(_ watch: PrimaryWatch) async throws -> RedisConnection {
        while true {
            do { return try await watch.open() } catch is RedisError { try await Task.sleep(for: .milliseconds(20)) }
        }
    }

    /// Sentinels that are asked once and then not while a test lasts.
    private func patient(_ group: SentinelServers) throws -> RedisSentinels {
        var sentinels = try #require(group.configuration.sentinels)
        sentinels.pollInterval = .seconds(3_600)
        return sentinels
    }
}
