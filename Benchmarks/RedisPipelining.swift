// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO
import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting

/// Commands of many tasks over one connection, each with its deadline, beside programs that write whole pipelines.
struct RedisPipelining: Benchmark {
    static let name = "redis"
    static let about =
        "one connection on a Unix socket shared by n tasks, every command with a deadline; beside redis-benchmark -c 1 -P n"
        + " and redis-py with hiredis, which pipeline n commands"

    private static let key = "key:__rand_int__"
    private static let value = "xxx"
    /// How many tasks, how many commands in all, and the least share of redis-benchmark's figure.
    private static let depths = [(1, 6_000, 0.95), (16, 60_000, 0.65), (64, 120_000, 0.30), (256, 200_000, 0.17)]

    static func run() async throws -> [Measurement] {
        var plan = SandboxPlan.redisOnly
        plan.redisSettings = ["save": ""]
        let servers = try await TestServers.private(plan)
        defer { servers.sandbox.removeAtOnce() }
        let configuration = try RedisConfiguration(servers.redisURL)
        guard case .unix(let socket) = configuration.endpoint else { throw Failure("Redis has no Unix socket.") }
        let python = try await Peer.python("redis_pipelining", packages: ["redis", "hiredis"])
        let connection = try await RedisConnection.connect(configuration)
        let client = RedisClient(configuration)
        try await connection.set(Self.key, Self.value)

        var measurements: [Measurement] = []
        for (tasks, count, goal) in Self.depths {
            let depth = Depth(tasks: tasks, count: count, socket: socket, python: python)
            for verb in Verb.allCases {
                measurements += [
                    try await depth.beside(verb, connection, goal: .ratioAtLeast(goal)),
                    try await depth.besidePython(verb, connection),
                    try await depth.beside(verb, client, goal: .ratioAtLeast(goal)),
                    try await depth.beside(verb, client, onLoop: false, goal: .none),
                ]
            }
        }
        await connection.close()
        await client.close()
        return measurements
    }
}

extension RedisPipelining {
    enum Verb: String, CaseIterable { case get, set }

    /// So many tasks at once, ours and the others'.
    struct Depth {
        let tasks: Int
        let count: Int
        let socket: String
        let python: Peer

        func beside(
            _ verb: Verb,
            _ redis: some RedisSending,
            onLoop: Bool = true,
            goal: Measurement.Goal
        ) async throws -> Measurement {
            let sender = redis is RedisClient ? "client" : "connection"
            return try await Pairs.run(5) {
                try await self.ours(verb, redis, onLoop: onLoop)
            } other: {
                try await self.redisBenchmark(verb)
            }.measurement(
                "\(verb.rawValue.uppercased()) × \(self.tasks), \(sender)\(onLoop ? "" : ", off the loop")",
                unit: "/s",
                goal: goal
            )
        }

        func besidePython(_ verb: Verb, _ redis: some RedisSending) async throws -> Measurement {
            try await Pairs.run(3) {
                try await self.ours(verb, redis, onLoop: true)
            } other: {
                let arguments = [self.socket, verb.rawValue, "\(self.tasks)", "\(self.count / 4)"]
                return try await self.python.figures(arguments)[0]
            }.measurement(
                "\(verb.rawValue.uppercased()) × \(self.tasks), redis-py",
                unit: "/s",
                // One command at a time, redis-benchmark itself is not twice as fast as redis-py: the server's turn is the most of it.
                goal: self.tasks == 1 ? .none : .ratioAtLeast(2)
            )
        }

        /// Our commands per second.
        private func ours(_ verb: Verb, _ redis: some RedisSending, onLoop: Bool) async throws -> Double {
            let executor: EventLoop? = onLoop ? .shared : nil
            return try await rate(of: self.count) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<self.tasks {
                        group.addTask(executorPreference: executor) {
                            for _ in 0..<(self.count / self.tasks) { try await verb.run(on: redis) }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }

        private func redisBenchmark(_ verb: Verb) async throws -> Double {
            let arguments = ["-s", self.socket, "-c", "1", "-P", "\(self.tasks)", "-n", "\(self.count)", "-q", "--csv"]
            let text = try await Peer(program: "redis-benchmark").run(arguments + ["-t", verb.rawValue])
            // "GET","57142.86", and latencies
            let cells = (text.split(whereSeparator: \.isNewline).last ?? "").split(separator: ",")
            guard cells.count > 1, let figure = Double(cells[1].filter { $0 != "\"" }) else {
                throw Failure("redis-benchmark printed no figure: \(text)")
            }
            return figure
        }
    }
}

extension RedisPipelining.Verb {
    fileprivate func run(on redis: some RedisSending) async throws {
        switch self {
        case .get: _ = try await redis.get(RedisPipelining.key)
        case .set: try await redis.set(RedisPipelining.key, RedisPipelining.value)
        }
    }
}
