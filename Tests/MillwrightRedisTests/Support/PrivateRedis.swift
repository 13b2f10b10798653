// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting

/// A Redis server of a test's own, which may be frozen and killed; it goes when it is let go.
final class PrivateRedis: Sendable {
    private let servers: TestServers
    private var server: PrivateServer { self.servers.server("redis") }

    var url: String { self.servers.redisURL }

    /// A configuration with waits that suit tests: long for what must work, to be shortened for what must not.
    let configuration: RedisConfiguration

    init(_ settings: [String: String] = [:]) async throws {
        var plan = SandboxPlan.redisOnly
        plan.redisSettings = settings
        self.servers = try await TestServers.private(plan)
        var configuration = try RedisConfiguration(self.servers.redisURL)
        configuration.connectTimeout = .seconds(10)
        configuration.commandTimeout = .seconds(10)
        configuration.acquireTimeout = .seconds(30)
        self.configuration = configuration
    }

    deinit { self.servers.sandbox.removeAtOnce() }

    /// Stops the server where it stands.
    func freeze() async throws { try await self.server.stop() }

    func thaw() async throws { try await self.server.continue() }

    func kill() async throws { try await self.server.kill() }

    /// Starts the server anew, on the same socket, after it was killed.
    func restart() async throws { try await self.server.restart() }
}
