// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting

/// What a failover costs: the primary is killed twenty times under load, and comes back as a primary that was deposed.
struct SentinelFailovers: Benchmark {
    static let name = "sentinel"
    static let about = "20 kills of the primary under 16 writers; 3 Sentinels, down after 500 ms of silence"

    static func run() async throws -> [Measurement] {
        let servers = try await TestServers.sentinels()
        let client = RedisClient(try RedisConfiguration(servers.sentinelURL))
        try await client.ping()
        let load = FailoverLoad(client)
        let bench = SentinelFailovers(servers: servers, client: client, load: load)
        let done = Rounds()
        try await load.run(tasks: 16) {
            for _ in 0..<20 { await done.append(try await bench.killOnce()) }
        }
        await client.close()
        try await servers.remove()
        return bench.measurements(await done.all)
    }

    /// One failover, in seconds.
    private struct Round: Sendable {
        /// From the promotion to a Sentinel that names the new primary.
        var named: Double
        /// From the promotion to the client that trusts it.
        var followed: Double
        /// From the kill to the first write on the new primary.
        var gap: Double
        /// Writes that the deposed primary ran and that were handed to the client after it knew.
        var lateWrites: Int
    }

    private actor Rounds {
        private(set) var all: [Round] = []
        func append(_ round: Round) { self.all.append(round) }
    }

    private let servers: TestServers
    private let client: RedisClient
    private let load: FailoverLoad

    private func killOnce() async throws -> Round {
        let old = try await self.primaryName()
        let tap = try CommandTap(on: self.servers.address(of: old))
        let others = ["redis", "redis-replica-1", "redis-replica-2"].filter { $0 != old }
        let killed = ContinuousClock.now
        async let naming = self.servers.naming(otherThan: old)
        try await self.servers.server(old).kill()
        let (promoted, failover, served) = try await self.followedPromotion(among: others)
        let named = try await naming
        let learnt = Int(self.load.start.duration(to: failover.learnt) / .nanoseconds(1))
        let late = tap.stamps.filter { $0 > learnt }.count
        tap.close()
        return Round(
            named: promoted.at.duration(to: named).seconds,
            followed: promoted.at.duration(to: failover.followed ?? .now).seconds,
            gap: killed.duration(to: served).seconds,
            lateWrites: late + (try await self.bringBack(old, behind: promoted.name, learnt: learnt))
        )
    }

    private typealias Promotion = (name: String, at: ContinuousClock.Instant)

    /// The promotion of the server that the client follows, and when the next write was acknowledged.
    ///
    /// It may not be the first: two Sentinels may lead at the same time, in two epochs, and promote a server each. The later epoch
    /// counts.
    private func followedPromotion(
        among others: [String]
    ) async throws -> (promoted: Promotion, failover: RedisFailover, served: ContinuousClock.Instant) {
        try await withThrowingTaskGroup(of: Promotion.self) { group in
            for name in others { group.addTask { try await self.servers.promotion(among: [name]) } }
            defer { group.cancelAll() }
            while let promoted = try await group.next() {
                let served = try await self.serviceResumed(after: promoted.at)
                if let failover = await self.client.sentinelStatus()?.failovers.last, failover.followed != nil,
                    failover.new == self.servers.address(of: promoted.name)
                {
                    return (promoted, failover, served)
                }
            }
            throw Failure("The client follows nobody who was promoted.")
        }
    }

    /// Lets the deposed primary come back as a primary, and then follow; returns how many writes reached it meanwhile.
    private func bringBack(_ old: String, behind new: String, learnt: Int) async throws -> Int {
        try await self.servers.server(old).restart()
        let tap = try CommandTap(on: self.servers.address(of: old))
        let before = self.load.tally.acknowledged
        while self.load.tally.acknowledged < before + 500 { try await Task.sleep(for: .milliseconds(5)) }
        tap.close()
        guard case .tcp(_, let port) = self.servers.address(of: new) else { return 0 }
        try await self.servers.withConnection(to: old) {
            _ = try await $0.send(RedisCommand("REPLICAOF", "127.0.0.1", port))
        }
        try await self.servers.awaitReplica(old)
        try await self.servers.awaitQuorum(replicas: 1)
        return tap.stamps.filter { $0 > learnt }.count
    }

    private func primaryName() async throws -> String {
        while true {
            if let primary = await self.client.sentinelStatus()?.primary, let name = self.servers.name(of: primary) {
                return name
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// When the first write was acknowledged after an instant.
    private func serviceResumed(after instant: ContinuousClock.Instant) async throws -> ContinuousClock.Instant {
        let end = instant + .seconds(30)
        while ContinuousClock.now < end {
            if let last = self.load.tally.lastAcknowledged, last > instant { return last }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw Failure("No write succeeded for 30 seconds.")
    }

    private func measurements(_ rounds: [Round]) -> [Measurement] {
        let followed = rounds.map { $0.followed * 1000 }
        let named = rounds.map { $0.named * 1000 }
        let tally = self.load.tally
        return [
            Measurement("followed after promotion, median", ours: Pairs.median(followed), unit: "ms"),
            Measurement(
                "followed after promotion, longest",
                ours: followed.max() ?? .nan,
                unit: "ms",
                goal: .atMost(1000)
            ),
            Measurement("named by a Sentinel after promotion, longest", ours: named.max() ?? .nan, unit: "ms"),
            Measurement("from the kill to the next write, median", ours: Pairs.median(rounds.map(\.gap)), unit: "s"),
            Measurement(
                "writes to a deposed primary",
                ours: Double(rounds.map(\.lateWrites).reduce(0, +)),
                unit: "",
                goal: .atMost(0)
            ),
            Measurement("answers that were another's", ours: Double(tally.mismatched), unit: "", goal: .atMost(0)),
            Measurement("READONLY seen by a caller", ours: Double(tally.readOnly), unit: "", goal: .atMost(0)),
            // Wait for a primary, command, and both once more for what was not sent.
            Measurement("longest call", ours: tally.longest.seconds, unit: "s", goal: .atMost(4)),
            Measurement("writes acknowledged", ours: Double(tally.acknowledged), unit: ""),
            Measurement("writes that may have run", ours: Double(tally.uncertain), unit: ""),
        ]
    }
}
