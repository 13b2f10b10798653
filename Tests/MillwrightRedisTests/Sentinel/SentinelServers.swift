// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting

/// A primary, two replicas and three Sentinels of a test's own; they go when they are let go.
final class SentinelServers: Sendable {
    let servers: TestServers
    let configuration: RedisConfiguration

    init(_ adjust: (inout SandboxPlan) -> Void = { _ in }) async throws {
        self.servers = try await TestServers.sentinels(adjust)
        self.configuration = try RedisConfiguration(self.servers.sentinelURL)
    }

    deinit { self.servers.sandbox.removeAtOnce() }

    func server(_ name: String) -> PrivateServer { self.servers.server(name) }

    /// The name of the server that a client writes to.
    func primary(of client: RedisClient) async -> String? {
        await client.sentinelStatus()?.primary.flatMap { self.servers.name(of: $0) }
    }

    /// Who could become the primary.
    func others(than primary: String) -> [String] {
        ["redis", "redis-replica-1", "redis-replica-2"].filter { $0 != primary }
    }

    /// Waits until a command succeeds.
    func awaitService(_ client: RedisClient) async throws {
        try await until { (try? await client.ping()) != nil }
    }
}
