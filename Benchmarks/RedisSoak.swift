// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting

/// A million commands, some of them cancelled, some connections opened and let go: what is left behind.
struct RedisSoak: Benchmark {
    static let name = "redis-soak"
    static let about =
        "a million commands of 64 tasks over one client, every hundredth cancelled, a subscriber and a loan now and then"

    static func run() async throws -> [Measurement] {
        let servers = try await TestServers.private(.redisOnly)
        defer { servers.sandbox.removeAtOnce() }
        let configuration = try RedisConfiguration(servers.redisURL)
        let client = RedisClient(configuration)
        try await Self.work(client, configuration, count: 100_000)
        Machine.resetPeak()
        let memoryMB = Machine.peakMemoryMB()
        let descriptors = Self.descriptors()

        let perSecond = try await rate(of: 1_000_000) { try await Self.work(client, configuration, count: 1_000_000) }
        let measurements = [
            Measurement("commands", ours: perSecond, unit: "/s"),
            Measurement("memory grown", ours: Machine.peakMemoryMB() - memoryMB, unit: "MB", goal: .atMost(4)),
            Measurement(
                "descriptors grown",
                ours: Double(Self.descriptors() - descriptors),
                unit: "",
                goal: .atMost(0)
            ),
            Measurement("wrong answers", ours: Double(await Self.wrong.value), unit: "", goal: .atMost(0)),
        ]
        await client.close()
        return measurements
    }

    private static let wrong = Tally()

    private static func work(_ client: RedisClient, _ configuration: RedisConfiguration, count: Int) async throws {
        let tasks = 64
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<tasks {
                group.addTask { try await Self.turns(task, client, configuration, count: count / tasks) }
            }
            try await group.waitForAll()
        }
    }

    private static func turns(
        _ task: Int,
        _ client: RedisClient,
        _ configuration: RedisConfiguration,
        count: Int
    ) async throws {
        for turn in 0..<count {
            let text = "task \(task) turn \(turn)"
            if turn % 100 == 99 {
                let cancelled = Task { try await client.send(RedisCommand("ECHO", text)) }
                cancelled.cancel()
                _ = await cancelled.result
            } else if try await client.send(RedisCommand("ECHO", text)).decode(as: String.self) != text {
                await Self.wrong.add()
            }
            if turn % 5_000 == 4_999 {
                let subscriber = try await RedisSubscriber.connect(configuration)
                try await subscriber.subscribe(to: ["channel \(task)"])
                await subscriber.close()
                try await client.withConnection { try await $0.ping() }
            }
        }
    }

    private static func descriptors() -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
    }
}

private actor Tally {
    private(set) var value = 0
    func add() { self.value += 1 }
}
