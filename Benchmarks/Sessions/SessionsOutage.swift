// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCaching
import MillwrightPostgres
import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting

/// What users notice of the loss of Redis: killed under 200 users, and failed over by the Sentinels under 200 writes a second.
struct SessionsOutage: Benchmark {
    static let name = "sessions-outage"
    static let about =
        "2 nodes; kill -9 of Redis under 200 users with 5 requests a second each, a tenth writes, 6 s out; then SENTINEL FAILOVER"
        + " under 200 writes a second, 3 Sentinels"

    static func run() async throws -> [Measurement] {
        try await Self.kill() + Self.failover()
    }

    private static func kill() async throws -> [Measurement] {
        let bench = try await SessionBench()
        return try await bench.withNodes(2) { nodes in
            let users = SessionUsers(nodes)
            let marks = Marks()
            try await users.run(200, pause: .milliseconds(200), writesEvery: 10) {
                try await Task.sleep(for: .seconds(6))
                await marks.set("load", try await Self.transactions(bench))
                await marks.note("killed")
                try await bench.servers.server("redis").kill()
                try await Task.sleep(for: .seconds(6))
                await marks.set("out", try await Self.transactions(bench))
                try await bench.servers.server("redis").restart()
                while !nodes.allSatisfy(\.standing.usesCopy) { try await Task.sleep(for: .milliseconds(5)) }
                await marks.note("back")
                await marks.set("back", try await Self.transactions(bench))
                try await Task.sleep(for: .seconds(4))
                await marks.set("end", try await Self.transactions(bench))
            }
            let (times, counts) = (await marks.times, await marks.counts)
            guard let killed = times["killed"], let back = times["back"] else { throw Failure("no marks") }
            let tally = users.tally
            let before = tally.samples.filter { $0.at < killed && $0.at > killed - .seconds(5) }
            let during = tally.samples.filter { $0.at >= killed - .milliseconds(300) && $0.at < killed + .seconds(6) }
            let bad = during.filter { !$0.isWell || $0.took > .milliseconds(50) }
            let first = bad.map(\.at).min()
            let last = bad.map { $0.at + $0.took }.max()
            let steady = first.flatMap { first in last.map { first.duration(to: $0).seconds * 1_000 } } ?? 0
            let usual = percentile(0.99, of: before.map(\.took))
            let outage = Double((counts["out"] ?? 0) - (counts["load"] ?? 0)) / 6
            let after = Double((counts["end"] ?? 0) - (counts["back"] ?? 0)) / 4
            return [
                Measurement("kill -9: logouts", ours: Double(tally.logouts), unit: "", goal: .atMost(0)),
                Measurement(
                    "kill -9: acknowledged writes lost",
                    ours: Double(tally.lostWrites),
                    unit: "",
                    goal: .atMost(0)
                ),
                Measurement("kill -9: requests that failed", ours: Double(tally.failures), unit: ""),
                Measurement(
                    "kill -9: first bad request to the last (over 50 ms)",
                    ours: steady,
                    unit: "ms",
                    goal: .atMost(300)
                ),
                Measurement("kill -9: p99 before", ours: usual, unit: "ms"),
                Measurement(
                    "kill -9: p99 added while out",
                    ours: percentile(0.99, of: during.map(\.took)) - usual,
                    unit: "ms",
                    goal: .atMost(50)
                ),
                Measurement("kill -9: longest request", ours: percentile(1, of: during.map(\.took)), unit: "ms"),
                Measurement(
                    "kill -9: transactions after, beside while out",
                    ours: after,
                    other: outage,
                    unit: "/s",
                    goal: .ratioAtMost(2)
                ),
                Measurement(
                    "kill -9: Redis in use again after",
                    ours: (killed + .seconds(6)).duration(to: back).seconds,
                    unit: "s"
                ),
            ]
        }
    }

    private static func failover() async throws -> [Measurement] {
        let bench = try await SessionBench { plan in
            plan.redisReplicas = 2
            plan.sentinels = 3
            plan.sentinelSettings = [
                "sentinel down-after-milliseconds main": "500", "sentinel failover-timeout main": "3000",
            ]
        }
        return try await bench.withNodes(2) { nodes in
            let users = SessionUsers(nodes)
            try await users.run(40, pause: .milliseconds(200), writesEvery: 1) {
                try await Task.sleep(for: .seconds(2))
                try await bench.servers.withConnection(to: "sentinel-1") {
                    _ = try await $0.send(RedisCommand("SENTINEL", "FAILOVER", "main"))
                }
                try await Task.sleep(for: .seconds(6))
            }
            let tally = users.tally
            return [
                Measurement("SENTINEL FAILOVER: writes", ours: Double(tally.samples.filter(\.isWell).count), unit: ""),
                Measurement(
                    "SENTINEL FAILOVER: acknowledged writes lost",
                    ours: Double(tally.lostWrites),
                    unit: "",
                    goal: .atMost(0)
                ),
                Measurement("SENTINEL FAILOVER: logouts", ours: Double(tally.logouts), unit: "", goal: .atMost(0)),
                Measurement(
                    "SENTINEL FAILOVER: errors seen (READONLY and others)",
                    ours: Double(tally.failures),
                    unit: "",
                    goal: .atMost(0)
                ),
                Measurement(
                    "SENTINEL FAILOVER: longest write",
                    ours: percentile(1, of: tally.samples.map(\.took)),
                    unit: "ms"
                ),
            ]
        }
    }

    private static func transactions(_ bench: SessionBench) async throws -> Int {
        let connection = try await PostgresConnection.connect(PostgresConfiguration(bench.servers.superuserURL))
        let calls = try await connection.query(
            "SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements WHERE query LIKE '/* millwright:session%'",
            as: Int.self
        )
        await connection.close()
        return calls.first ?? 0
    }
}

private actor Marks {
    private(set) var times: [String: ContinuousClock.Instant] = [:]
    private(set) var counts: [String: Int] = [:]
    func note(_ name: String) { self.times[name] = .now }
    func set(_ name: String, _ count: Int) { self.counts[name] = count }
}
