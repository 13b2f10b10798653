// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting
import Synchronization

@testable import MillwrightCaching

/// Lends a Redis of its own, which `body` may freeze, fill or lock, and a connected client.
///
/// - Parameter patience: how long the client waits for a connection and for each answer; short only for a server that is frozen.
func withPrivateRedis(
    settings: [String: String] = [:],
    patience: Duration = .seconds(20),
    _ body: (RedisClient, TestServers) async throws -> Void
) async throws {
    var plan = SandboxPlan.redisOnly
    plan.redisSettings = settings
    let servers = try await TestServers.private(plan)
    var configuration = try RedisConfiguration(servers.redisURL)
    configuration.commandTimeout = patience
    configuration.connectTimeout = patience
    let client = RedisClient(configuration)
    // Whatever the patience, a busy machine may take its time to connect.
    while (try? await client.send(RedisCommand("PING"), timeout: .seconds(20))) == nil {
        try await Task.sleep(for: .milliseconds(2))
    }
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

/// Counts what is asked of a client: a frozen server costs one timeout for each.
final class CountedRedis: RedisSending {
    private let redis: RedisClient
    private let asked = Atomic(0)

    var count: Int { self.asked.load(ordering: .relaxed) }

    init(_ redis: RedisClient) { self.redis = redis }

    nonisolated(nonsending) func send(_ command: RedisCommand, timeout: Duration?) async throws -> RedisValue {
        self.asked.add(1, ordering: .relaxed)
        return try await self.redis.send(command, timeout: timeout)
    }

    nonisolated(nonsending) func pipeline(_ commands: [RedisCommand], timeout: Duration?) async throws -> [RedisValue] {
        self.asked.add(1, ordering: .relaxed)
        return try await self.redis.pipeline(commands, timeout: timeout)
    }

    nonisolated(nonsending) func transaction(_ commands: [RedisCommand], timeout: Duration?) async throws
        -> [RedisValue]
    {
        self.asked.add(1, ordering: .relaxed)
        return try await self.redis.transaction(commands, timeout: timeout)
    }
}
