// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import HTTPTypes
import MillwrightCaching
import MillwrightHealth
import MillwrightPostgres
import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting

/// Probes in bursts of a thousand while PostgreSQL and Redis are both stopped, for `HEALTH_SOAK_SECONDS` (20).
struct HealthOutage: Benchmark {
    static let name = "health-outage"
    static let about =
        "1,000 concurrent probes while PostgreSQL and Redis are stopped (SIGSTOP), and what the process grows by"

    static func run() async throws -> [Measurement] {
        let seconds = ProcessInfo.processInfo.environment["HEALTH_SOAK_SECONDS"].flatMap { Int($0) } ?? 20
        let servers = try await TestServers.private(SandboxPlan())
        let (engine, close) = try Self.engine(servers)
        let sampler = Task { await engine.run() }
        while engine.snapshot().status(of: .health) != .pass { try await Task.sleep(for: .milliseconds(10)) }
        for name in ["postgres", "redis"] { try await servers.server(name).stop() }
        while engine.snapshot().status(of: .health) != .warn { try await Task.sleep(for: .milliseconds(10)) }
        // What is made once (threads, buffers) is made before it counts.
        _ = try await Self.probe(HealthHandler(engine), for: .seconds(5))

        let before = ProcessSize.now
        let latencies = try await Self.probe(HealthHandler(engine), for: .seconds(seconds))
        let after = ProcessSize.now

        sampler.cancel()
        await sampler.value
        for name in ["postgres", "redis"] { try await servers.server(name).continue() }
        await close()
        try await servers.remove()
        return [
            Measurement("probe, p99 of \(latencies.count)", ours: latencies.share(0.99), unit: "ms", goal: .atMost(20)),
            Measurement("probe, median", ours: latencies.share(0.5), unit: "ms"),
            Measurement(
                "descriptors, growth",
                ours: after.descriptors - before.descriptors,
                unit: "",
                goal: .atMost(4)
            ),
            Measurement("threads, growth", ours: after.threads - before.threads, unit: "", goal: .atMost(2)),
            Measurement(
                "resident memory, growth",
                ours: after.megabytes - before.megabytes,
                unit: "MB",
                goal: .atMost(8)
            ),
        ]
    }

    private static func engine(_ servers: TestServers) throws -> (HealthEngine, close: @Sendable () async -> Void) {
        let configuration = PostgresConfiguration(servers.postgresURL)
        let (pool, redis) = (PostgresClient(configuration), RedisClient(try RedisConfiguration(servers.redisURL)))
        let server = ReservedConnection(configuration)
        let engine = try HealthEngine([
            DatabaseHealth(server: server), DatabasePoolHealth(pool: pool),
            TransactionIDHealth(server: server, schedule: HealthSchedule()),
            CacheHealth(CacheAlias("default", endpoint: "bench"), redis: redis),
            MemoryHealth(criticality: .informational), DiskHealth(criticality: .informational), DescriptorHealth(),
        ])
        return (
            engine,
            {
                await pool.close()
                await redis.close()
                await server.close()
            }
        )
    }

    /// How long it took from the start of each probe's task to its answer.
    private static func probe(_ handler: HealthHandler, for span: Duration) async throws -> Histogram {
        let end = ContinuousClock.now + span
        var latencies = Histogram()
        while ContinuousClock.now < end {
            await withTaskGroup(of: Duration.self) { group in
                for _ in 0..<1000 {
                    let begun = ContinuousClock.now
                    group.addTask {
                        let request = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/readyz")
                        guard handler.response(to: request)?.head.status == .ok else { return .seconds(3600) }
                        return ContinuousClock.now - begun
                    }
                }
                for await latency in group { latencies.add(latency) }
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        return latencies
    }
}

/// Latencies in steps of 10 µs up to 200 ms, in memory that does not grow with their number.
private struct Histogram {
    private(set) var count = 0
    private var steps = [Int](repeating: 0, count: 20_001)

    mutating func add(_ latency: Duration) {
        self.count += 1
        self.steps[min(self.steps.count - 1, Int(latency / .microseconds(10)))] += 1
    }

    /// The latency in milliseconds that this share of all stays below; infinite beyond the last step.
    func share(_ share: Double) -> Double {
        var left = Int(Double(self.count) * share)
        for (step, count) in self.steps.enumerated() {
            left -= count
            if left < 0 { return step == self.steps.count - 1 ? .infinity : Double(step + 1) / 100 }
        }
        return .infinity
    }
}

/// How much of the machine this process holds.
private struct ProcessSize {
    var descriptors: Double
    var threads: Double
    var megabytes: Double

    static var now: ProcessSize {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        func figure(_ key: String) -> Double {
            let line = status.split(separator: "\n").first { $0.hasPrefix(key + ":") }
            return line.flatMap { Double($0.dropFirst(key.count + 1).filter(\.isNumber)) } ?? .nan
        }
        let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
        return ProcessSize(descriptors: Double(open), threads: figure("Threads"), megabytes: figure("VmRSS") / 1024)
    }
}
