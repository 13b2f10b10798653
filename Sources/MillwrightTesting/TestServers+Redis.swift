// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightRedis

extension TestServers {
    /// Lends a client and a key prefix that is nobody else's, and removes the keys below it when `body` ends in any way.
    public func withKeyPrefix<Value: Sendable>(
        _ body: (_ client: RedisClient, _ prefix: String) async throws -> Value
    ) async throws -> Value {
        let client = RedisClient(try RedisConfiguration(self.redisURL))
        let prefix = Self.freshName("test") + ":"
        let result: Result<Value, any Error>
        do { result = .success(try await body(client, prefix)) } catch { result = .failure(error) }
        // A server that the test has broken takes its keys with it.
        try? await Self.removeKeys(below: prefix, client)
        await client.close()
        return try result.get()
    }

    private static func removeKeys(below prefix: String, _ client: RedisClient) async throws {
        for try await key in client.scan(matching: RedisPattern.prefix(prefix)) { _ = try await client.unlink([key]) }
    }
}
