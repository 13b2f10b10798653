// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting

@testable import MillwrightCaching

/// Lends a Redis of its own, which `body` may freeze, fill or lock.
func withPrivateRedis(
    settings: [String: String] = [:],
    _ body: (RedisClient, TestServers) async throws -> Void
) async throws {
    var plan = SandboxPlan.redisOnly
    plan.redisSettings = settings
    let servers = try await TestServers.private(plan)
    var configuration = try RedisConfiguration(servers.redisURL)
    configuration.commandTimeout = .milliseconds(200)
    configuration.connectTimeout = .milliseconds(200)
    let client = RedisClient(configuration)
    let result: Result<Void, any Error>
    do { result = .success(try await body(client, servers)) } catch { result = .failure(error) }
    await client.close()
    try await servers.remove()
    try result.get()
}

/// Lends the Redis that all tests share and a key prefix of one's own.
func withSharedRedis(_ body: (RedisClient, CacheAlias) async throws -> Void) async throws {
    let servers = try await TestServers.shared()
    let client = RedisClient(try RedisConfiguration(servers.redisURL))
    let name = String(UInt64.random(in: .min ... .max), radix: 36)
    let alias = CacheAlias(name, endpoint: "shared", keyPrefix: "test-\(name)", timeout: .seconds(60))
    let result: Result<Void, any Error>
    do { result = .success(try await body(client, alias)) } catch { result = .failure(error) }
    await client.close()
    try result.get()
}
