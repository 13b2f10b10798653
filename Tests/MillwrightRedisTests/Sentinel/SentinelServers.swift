// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting

/// A primary, two replicas and three Sentinels of a test's own; they go when they are let go.
final class SentinelServers: Sendable {
    let servers: TestServers
    let configuration: RedisConfiguration

    /// - Parameter failsOver: whether the Sentinels take half a second of silence for a failure. Otherwise a primary that a busy
    ///   machine leaves without its processor for as long stays the primary; a failover can be ordered all the same.
    init(failsOver: Bool = true, _ adjust: (inout SandboxPlan) -> Void = { _ in }) async throws {
        self.servers = try await TestServers.sentinels { plan in
            if !failsOver { plan.sentinelSettings["sentinel down-after-milliseconds main"] = "60000" }
            adjust(&plan)
        }
        var configuration = try RedisConfiguration(self.servers.sentinelURL)
        if !failsOver {
            // Whoever is asked here answers, in time on a busy machine, too.
            configuration.connectTimeout = .seconds(3)
            configuration.commandTimeout = .seconds(10)
            configuration.acquireTimeout = .seconds(10)
            configuration.sentinels?.timeout = .seconds(1)
        }
        self.configuration = configuration
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
