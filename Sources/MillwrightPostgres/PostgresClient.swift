// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore
public import MillwrightIO
public import MillwrightPooling

/// A bounded pool of connections to one PostgreSQL.
///
/// ```swift
/// let client = PostgresClient(PostgresConfiguration("postgres://app@/erp"))
/// let (count,) = try await client.query("SELECT count(*) FROM erp_product", as: Int.self)[0]
/// await client.close()
/// ```
/// While all connections are lent a caller waits at most `acquireTimeout`, and at most `connectTimeout` more where one is opened for
/// it. A connection that comes back in a transaction, with a statement under way or broken is closed, never lent again.
public final class PostgresClient: Sendable, Querying {
    /// How it was configured.
    public let configuration: PostgresConfiguration
    private let pool: ConnectionPool<PostgresConnection>

    /// Creates a client; no connection is made before the first statement.
    ///
    /// - Parameter observation: what its pool is called in metrics, and who traces it.
    public init(
        _ configuration: PostgresConfiguration,
        on loop: EventLoop = .shared,
        observation: PoolObservation = PoolObservation()
    ) {
        self.configuration = configuration
        self.pool = ConnectionPool(
            PoolConfiguration(
                configuration.poolLimits,
                acquireTimeout: configuration.acquireTimeout,
                observation: observation
            ),
            on: loop,
            breaker: .of(configuration)
        ) {
            try await PostgresConnection.connect(configuration, on: loop)
        }
    }

    /// Lends a connection for as long as `body` runs.
    @discardableResult
    public func withConnection<Value: Sendable>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await self.pool.withConnection(body)
    }

    /// Runs one statement on a connection of the pool.
    public func query(_ sql: SQL, timeout: Duration? = nil) async throws -> Rows {
        guard let trace = self.pool.trace else { return try await self.ask(sql, timeout) }
        return try await trace.span(.query) { try await self.ask(sql, timeout) }
    }

    private func ask(_ sql: SQL, _ timeout: Duration?) async throws -> Rows {
        guard self.pool.loop.isCurrent else {
            return try await self.pool.run { try await $0.query(sql, timeout: timeout) }
        }
        return try await self.pool.withConnection { try await $0.query(sql, timeout: timeout) }
    }

    /// Runs `body` in a transaction on a connection of the pool.
    @discardableResult
    public func withTransaction<Value: Sendable>(
        _ options: PostgresTransactionOptions = PostgresTransactionOptions(),
        isolation: isolated (any Actor)? = #isolation,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await self.withConnection { try await $0.withTransaction(options, body) }
    }

    /// Returns how busy the pool is.
    public func statistics() async -> PoolStatistics { await self.pool.statistics }

    /// Closes the idle connections, turns waiters away, and closes what is lent when it comes back.
    public func close() async { await self.pool.close() }

    /// Closes the client, and waits until what is lent has come back; after `timeout` it is closed all the same, and the
    /// statements that still run fail.
    ///
    /// Cancelling the task is as if the time were over.
    public func drain(within timeout: Duration) async { await self.pool.drain(within: timeout) }
}
