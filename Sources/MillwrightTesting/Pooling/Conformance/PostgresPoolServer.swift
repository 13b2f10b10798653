// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore
import MillwrightPostgres
import MillwrightSandbox

/// A private PostgreSQL for ``PoolConformance``, and its driver's pools.
///
/// ```swift
/// let server = try await PostgresPoolServer(TestServers.private(.postgresOnly))
/// try await PoolConformance.bounded.verify(on: server)
/// ```
public struct PostgresPoolServer: PoolServer {
    private let servers: TestServers
    private let name = TestServers.freshName("pool")

    /// Takes a server over, which nobody else uses.
    public init(_ servers: TestServers) { self.servers = servers }

    /// Makes a pool.
    public func pool(_ bounds: PoolBounds) -> Pool {
        var configuration = PostgresConfiguration(self.servers.postgresURL)
        configuration.applicationName = self.name
        configuration.minimumConnections = bounds.minimum
        configuration.maximumConnections = bounds.maximum
        configuration.acquireTimeout = bounds.acquireTimeout
        configuration.maximumAge = bounds.maximumAge
        configuration.checkAfter = bounds.checkAfter
        return Pool(client: PostgresClient(configuration))
    }

    /// Has the server end a session.
    public func end(_ session: String) async throws {
        try await self.ask("SELECT pg_terminate_backend(\(Int32(session) ?? 0), 10000)")
    }

    /// How many sessions of pools made here the server has.
    public func sessions() async throws -> Int {
        try await self.ask("SELECT 1 FROM pg_stat_activity WHERE application_name = \(self.name)")
    }

    /// Kills the server.
    public func kill() async throws { try await self.servers.server("postgres").kill() }
    /// Starts the server again.
    public func restart() async throws { try await self.servers.server("postgres").restart() }

    /// Asks on a connection beside the pool; returns how many rows came.
    @discardableResult
    private func ask(_ sql: SQL) async throws -> Int {
        let connection = try await PostgresConnection.connect(PostgresConfiguration(self.servers.superuserURL))
        let rows = try await connection.query(sql)
        await connection.close()
        return rows.count
    }

    /// The driver's pool.
    public struct Pool: PoolUnderTest {
        let client: PostgresClient

        /// Lends a session.
        public func withSession<Value: Sendable>(
            _ body: (any PoolSession) async throws -> Value
        ) async throws -> Value {
            try await self.client.withConnection { connection in
                try await body(Session(id: "\(connection.backendPID)", connection: connection))
            }
        }

        /// Returns how busy it is.
        public func statistics() async -> PoolStatistics { await self.client.statistics() }
        /// Closes it, and waits until what is lent has come back.
        public func drain(within timeout: Duration) async { await self.client.drain(within: timeout) }
        /// Closes it.
        public func close() async { await self.client.close() }
    }

    private struct Session: PoolSession {
        let id: String
        let connection: PostgresConnection
        func use() async throws { _ = try await self.connection.query("SELECT 1") }
    }
}
