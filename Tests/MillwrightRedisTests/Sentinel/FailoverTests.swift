// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightSandbox
import MillwrightTesting
import Synchronization
import Testing

@testable import MillwrightRedis

@Suite("A failover", .timeLimit(.minutes(2)))
struct FailoverTests {
    /// No call may take longer.
    ///
    /// The wait for a primary, the command, and once more for what was not sent are four seconds of waiting; the rest is for a busy
    /// machine. One that hangs takes the suite's two minutes.
    private let longest = Duration.seconds(30)

    @Test("of a killed primary is followed under load, twice; no answer is another's and no call hangs")
    func killed() async throws {
        let group = try await SentinelServers()
        let client = RedisClient(group.configuration)
        try await group.awaitService(client)
        let load = FailoverLoad(client)
        let killed = Mutex<[RedisConfiguration.Endpoint]>([])

        try await load.run(tasks: 16) {
            for replicas in [1, 0] {
                let old = try #require(await group.primary(of: client))
                try await group.server(old).kill()
                killed.withLock { $0.append(group.servers.address(of: old)) }
                let promoted = try await group.servers.promotion(among: group.others(than: old))
                try await until { load.tally.lastAcknowledged.map { $0 > promoted.at } ?? false }
                #expect(await group.primary(of: client) == promoted.name)
                // The other replica must follow the new primary before it can become one itself.
                try await group.servers.awaitQuorum(replicas: replicas)
            }
        }

        #expect(load.tally.mismatched == 0)
        #expect(load.tally.readOnly == 0)
        #expect(load.tally.longest < self.longest)
        let failovers = try #require(await client.sentinelStatus()?.failovers)
        // A primary that got no processor for half a second may have been replaced besides.
        #expect(killed.withLock { $0 }.allSatisfy { old in failovers.contains { $0.old == old } })
        #expect(failovers.allSatisfy { $0.followed != nil })
        await client.close()
    }

    @Test("by order of a Sentinel is followed; nothing is written to the old primary after it is known")
    func ordered() async throws {
        let group = try await SentinelServers(failsOver: false)
        let client = RedisClient(group.configuration)
        try await client.ping()
        let load = FailoverLoad(client)
        let tap = try CommandTap(on: group.servers.address(of: "redis"))

        try await load.run(tasks: 16) {
            try await until { load.tally.acknowledged > 1_000 }
            try await group.servers.withConnection(to: "sentinel-1") {
                _ = try await $0.send(RedisCommand("SENTINEL", "FAILOVER", "main"))
            }
            try await until { await client.sentinelStatus()?.failovers.last?.followed != nil }
            let followed = load.tally.acknowledged
            try await until { load.tally.acknowledged > followed + 1_000 }
        }

        let failover = try #require(await client.sentinelStatus()?.failovers.first)
        let learnt = Int(load.start.duration(to: failover.learnt) / .nanoseconds(1))
        #expect(failover.old == group.servers.address(of: "redis"))
        #expect(tap.stamps.contains { $0 < learnt })
        #expect(tap.stamps.filter { $0 > learnt } == [])
        #expect(load.tally.mismatched == 0)
        #expect(load.tally.readOnly == 0)
        #expect(load.tally.longest < self.longest)
        tap.close()
        await client.close()
    }

    @Test("of a frozen primary is followed, and nothing reaches it when it comes back as one")
    func frozen() async throws {
        let group = try await SentinelServers()
        let client = RedisClient(group.configuration)
        try await group.awaitService(client)
        let load = FailoverLoad(client)

        try await load.run(tasks: 16) {
            try await until { load.tally.acknowledged > 100 }
            try await group.server("redis").stop()
            let promoted = try await group.servers.promotion(among: group.others(than: "redis"))
            try await until { load.tally.lastAcknowledged.map { $0 > promoted.at } ?? false }
            let failover = try #require(await client.sentinelStatus()?.failovers.last)
            let learnt = Int(load.start.duration(to: failover.learnt) / .nanoseconds(1))

            try await group.server("redis").continue()
            let tap = try CommandTap(on: group.servers.address(of: "redis"))
            try await group.servers.awaitReplica("redis")
            tap.close()
            // What it had received before it froze it still runs.
            #expect(tap.stamps.filter { $0 > learnt } == [])
        }

        #expect(load.tally.mismatched == 0)
        #expect(load.tally.longest < self.longest)
        await client.close()
    }

    @Test("takes lent connections, too: their commands fail, and the next one lent leads to the new primary")
    func lent() async throws {
        let group = try await SentinelServers(failsOver: false)
        let client = RedisClient(group.configuration)

        let error = try await client.withConnection { connection in
            try await group.servers.withConnection(to: "sentinel-2") {
                _ = try await $0.send(RedisCommand("SENTINEL", "FAILOVER", "main"))
            }
            try await until { await client.sentinelStatus()?.failovers.last?.followed != nil }
            return await redisError { try await connection.ping() }
        }
        let role = try await client.withConnection { try await $0.role() }

        #expect(error?.code == .connectionLost)
        #expect(error?.mayHaveRun == false)
        guard case .primary = role else {
            Issue.record("lent was a connection to \(role)")
            return
        }
        await client.close()
    }

    @Test("that no Sentinel announced is noticed by READONLY, which no caller sees")
    func demoted() async throws {
        let group = try await SentinelServers(failsOver: false)
        let client = RedisClient(group.configuration)
        try await client.set("key", "before")
        // The Sentinels would take that back after as long as they bear silence: until then nobody serves.
        try await group.servers.withConnection(to: "redis") { connection in
            let port = group.servers.state["redis-replica-1"]?.port ?? 0
            _ = try await connection.send(RedisCommand("REPLICAOF", "127.0.0.1", port))
        }

        let error = await redisError { try await client.set("key", "after") }

        #expect(error?.code == .noPrimary)
        #expect(error?.mayHaveRun == false)
        try await group.servers.withConnection(to: "redis") { connection in
            _ = try await connection.send(RedisCommand("REPLICAOF", "NO", "ONE"))
        }
        try await until { (try? await client.set("key", "at last")) == true }
        #expect(try await client.get("key", as: String.self) == "at last")
        await client.close()
    }
}
