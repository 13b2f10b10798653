// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO
import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting

/// What a pool costs: a statement on a connection of the pool, beside one on a connection of one's own.
struct PoolCheckout: Benchmark {
    static let name = "pool"
    static let about = "`SELECT 1` on PostgreSQL's pool (ours) and on bare connections (other), on one Unix socket"

    static func run() async throws -> [Measurement] {
        let servers = try await TestServers.private(.postgresOnly)
        let bench = PoolCheckout(configuration: PostgresConfiguration(servers.postgresURL))
        let measurements = [
            try await bench.oneTask(),
            try await bench.oneTaskBorrowing(),
            try await bench.oneTaskElsewhere(),
            try await bench.manyTasks(),
        ]
        try await servers.remove()
        return measurements
    }

    let configuration: PostgresConfiguration

    private func oneTask() async throws -> Measurement {
        try await self.compare("query, 1 task", goal: .ratioAtLeast(0.95)) { client in
            _ = try await client.query("SELECT 1")
        }
    }

    private func oneTaskBorrowing() async throws -> Measurement {
        try await self.compare("withConnection, 1 task", goal: .ratioAtLeast(0.95)) { client in
            try await client.withConnection { _ = try await $0.query("SELECT 1") }
        }
    }

    /// A task that knows nothing of the loop: each way there and back is a change of threads, for a bare connection as well.
    private func oneTaskElsewhere() async throws -> Measurement {
        try await self.compare("query, 1 task off the loop", on: nil) { client in
            _ = try await client.query("SELECT 1")
        }
    }

    private func compare(
        _ name: String,
        goal: Measurement.Goal = .none,
        on executor: EventLoop? = .shared,
        count: Int = 10_000,
        _ ask: @Sendable (PostgresClient) async throws -> Void
    ) async throws -> Measurement {
        let client = PostgresClient(self.configuration)
        let connection = try await PostgresConnection.connect(self.configuration)
        let pairs = try await withTaskExecutorPreference(executor) {
            try await Pairs.run {
                try await rate(of: count) { for _ in 0..<count { try await ask(client) } }
            } other: {
                try await rate(of: count) { for _ in 0..<count { _ = try await connection.query("SELECT 1") } }
            }
        }
        await client.close()
        await connection.close()
        return pairs.measurement(name, unit: "/s", goal: goal)
    }

    private func manyTasks() async throws -> Measurement {
        var configuration = self.configuration
        configuration.maximumConnections = 10
        let client = PostgresClient(configuration)
        var connections: [PostgresConnection] = []
        for _ in 0..<10 { connections.append(try await PostgresConnection.connect(self.configuration)) }
        let bare = connections
        let pairs = try await Pairs.run {
            try await Self.spread(over: 200) { _ in _ = try await client.query("SELECT 1") }
        } other: {
            try await Self.spread(over: 10) { _ = try await bare[$0].query("SELECT 1") }
        }
        await client.close()
        for connection in bare { await connection.close() }
        return pairs.measurement("200 tasks on 10, 10 bare", unit: "/s", goal: .ratioAtLeast(0.95))
    }

    private static func spread(
        over tasks: Int,
        _ ask: @escaping @Sendable (_ task: Int) async throws -> Void
    ) async throws -> Double {
        let count = 20_000
        return try await rate(of: count) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<tasks {
                    group.addTask(executorPreference: EventLoop.shared) {
                        for _ in 0..<count / tasks { try await ask(task) }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
