// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Migrations
import MillwrightCaching
import MillwrightCore
import MillwrightPostgres
import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting

/// Private servers with the session tables, and nodes that serve sessions from them.
final class SessionBench: Sendable {
    let servers: TestServers

    init(_ adjust: (inout SandboxPlan) -> Void = { _ in }) async throws {
        var plan = SandboxPlan()
        plan.postgresSettings["synchronous_commit"] = "on"
        adjust(&plan)
        self.servers = try await TestServers.private(plan)
        if plan.sentinels > 0 { try await self.servers.awaitQuorum(replicas: plan.redisReplicas) }
        try await MigrationRunner(PostgresConfiguration(self.servers.postgresURL)).migrate()
    }

    deinit { self.servers.sandbox.removeAtOnce() }

    func database() -> PostgresClient {
        var configuration = self.servers.impatientPostgres()
        configuration.preparedStatements = 20
        return PostgresClient(configuration)
    }

    /// Runs nodes that read from the copy, for as long as `body` runs.
    func withNodes<Value: Sendable>(_ count: Int, _ body: ([SessionStore]) async throws -> Value) async throws -> Value
    {
        let configuration = SessionConfiguration(alias: CacheAlias("sessions", endpoint: "private", keyPrefix: "bench"))
        let nodes = try (0..<count).map { number in
            try SessionStore(
                configuration,
                database: self.database(),
                register: self.database(),
                redis: RedisClient(self.servers.impatientRedis()),
                node: "node-\(number)"
            )
        }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for node in nodes { group.addTask { try await node.run() } }
            defer { group.cancelAll() }
            while !nodes.allSatisfy(\.standing.usesCopy) { try await Task.sleep(for: .milliseconds(5)) }
            return try await body(nodes)
        }
    }
}

/// What percentile of durations, in milliseconds.
func percentile(_ share: Double, of times: [Duration]) -> Double {
    let sorted = times.sorted()
    guard !sorted.isEmpty else { return .nan }
    return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))].seconds * 1_000
}
