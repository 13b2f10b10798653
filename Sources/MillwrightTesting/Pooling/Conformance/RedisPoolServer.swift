// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore
import MillwrightRedis
import MillwrightSandbox

/// A private Redis for ``PoolConformance``, and its driver's pools.
///
/// ```swift
/// let server = try await RedisPoolServer(TestServers.private(.redisOnly))
/// try await PoolConformance.bounded.verify(on: server)
/// ```
public struct RedisPoolServer: PoolServer {
    private let servers: TestServers
    private let name = TestServers.freshName("pool")

    /// Takes a server over, which nobody else uses.
    public init(_ servers: TestServers) { self.servers = servers }

    /// Makes a pool.
    public func pool(_ bounds: PoolBounds) throws -> Pool {
        var configuration = try RedisConfiguration(self.servers.redisURL)
        configuration.clientName = self.name
        configuration.minimumConnections = bounds.minimum
        configuration.maximumConnections = bounds.maximum
        configuration.acquireTimeout = bounds.acquireTimeout
        configuration.maximumAge = bounds.maximumAge
        configuration.checkAfter = bounds.checkAfter
        return Pool(client: RedisClient(configuration))
    }

    /// Has the server end a session.
    public func end(_ session: String) async throws {
        _ = try await self.ask(RedisCommand("CLIENT", "KILL", "ID", session))
    }

    /// How many sessions of pools made here the server has.
    public func sessions() async throws -> Int {
        let list = try await self.ask(RedisCommand("CLIENT", "LIST")).decode(as: String.self)
        return list.split(separator: "\n").count { $0.contains(" name=\(self.name) ") }
    }

    /// Kills the server.
    public func kill() async throws { try await self.servers.server("redis").kill() }
    /// Starts the server again.
    public func restart() async throws { try await self.servers.server("redis").restart() }

    /// Asks on a connection beside the pool.
    private func ask(_ command: RedisCommand) async throws -> RedisValue {
        let connection = try await RedisConnection.connect(RedisConfiguration(self.servers.redisURL))
        let value = try await connection.send(command)
        await connection.close()
        return value
    }

    /// The driver's pool.
    public struct Pool: PoolUnderTest {
        let client: RedisClient

        /// Lends a session.
        public func withSession<Value: Sendable>(
            _ body: (any PoolSession) async throws -> Value
        ) async throws -> Value {
            try await self.client.withConnection { connection in
                let id = try await connection.send(RedisCommand("CLIENT", "ID")).decode(as: Int.self)
                return try await body(Session(id: "\(id)", connection: connection))
            }
        }

        /// Returns how busy it is.
        public func statistics() async -> PoolStatistics { await self.client.statistics().leases }
        /// Closes it, and waits until what is lent has come back.
        public func drain(within timeout: Duration) async { await self.client.drain(within: timeout) }
        /// Closes it.
        public func close() async { await self.client.close() }
    }

    private struct Session: PoolSession {
        let id: String
        let connection: RedisConnection
        func use() async throws { _ = try await self.connection.send(RedisCommand("PING")) }
    }
}
