// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightRedis
import MillwrightTesting

/// Lends a way of one's own to the Redis that all tests share, to be put through faults.
func withFaultyRedis(
    _ body: (_ network: FaultProxy, _ configuration: RedisConfiguration) async throws -> Void
) async throws {
    try await TestServers.shared().withFaults(on: "redis") { redis in
        var configuration = try RedisConfiguration(redis.url())
        configuration.connectTimeout = .seconds(20)
        configuration.commandTimeout = .seconds(20)
        configuration.acquireTimeout = .seconds(30)
        try await body(redis.network, configuration)
    }
}
