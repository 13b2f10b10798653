// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightIO
public import MillwrightPooling

/// Redis for any number of tasks.
///
/// ```swift
/// let redis = RedisClient(try RedisConfiguration("redis://127.0.0.1:6379/1"))
/// try await redis.set("greeting", "hello", expiresIn: .seconds(60))
/// let greeting = try await redis.get("greeting", as: String.self)
/// await redis.close()
/// ```
/// Plain commands of all tasks share one connection and are pipelined. ``withConnection(isolation:_:)`` lends a connection of
/// one's own, out of at most `maximumConnections`, for `WATCH` and blocking commands. A command waits at most `connectTimeout`
/// for a connection and `commandTimeout` for its answer. Where a server refuses to write because it was demoted, all connections to it
/// are given up, and a command on the shared one is sent once more on the next: a name or a balancer may lead to its successor.
public final class RedisClient: RedisSending {
    /// How it was configured.
    public let configuration: RedisConfiguration
    private let opener: RedisOpener
    private let shared: SharedConnection
    private let pool: ConnectionPool<RedisConnection>

    /// Creates a client; no connection is made before the first command.
    ///
    /// - Parameter observation: what its pool of connections to lend is called in metrics, and who traces it.
    public init(
        _ configuration: RedisConfiguration,
        on loop: EventLoop = .shared,
        observation: PoolObservation = PoolObservation()
    ) {
        self.configuration = configuration
        let opener = RedisOpener(configuration, loop: loop)
        let pool = ConnectionPool<RedisConnection>(
            PoolConfiguration(
                configuration.poolLimits,
                acquireTimeout: configuration.acquireTimeout,
                observation: observation
            ),
            on: loop,
            breaker: opener.breaker
        ) {
            try await opener.connect()
        }
        let shared = SharedConnection(opener, counting: pool.countShared)
        (self.opener, self.shared, self.pool) = (opener, shared, pool)
        opener.demotion.handle { [weak shared, weak pool] in
            shared?.assumeIsolated { $0.renew() }
            pool?.assumeIsolated { $0.evictAll() }
        }
    }

    /// Sends a command on the shared connection and returns its answer.
    public nonisolated(nonsending) func send(_ command: RedisCommand, timeout: Duration?) async throws -> RedisValue {
        try Self.checkShareable(command)
        return try await self.traced { connection in try await connection.send(command, timeout: timeout) }
    }

    /// Sends commands together on the shared connection and returns their answers in order.
    public nonisolated(nonsending) func pipeline(_ commands: [RedisCommand], timeout: Duration?) async throws
        -> [RedisValue]
    {
        for command in commands { try Self.checkShareable(command) }
        return try await self.traced { connection in
            try await connection.pipeline(commands, timeout: timeout)
        }
    }

    /// Runs commands in one `MULTI` … `EXEC` on the shared connection and returns their answers in order.
    public nonisolated(nonsending) func transaction(_ commands: [RedisCommand], timeout: Duration?) async throws
        -> [RedisValue]
    {
        for command in commands { try Self.checkShareable(command) }
        return try await self.traced { connection in
            try await connection.transaction(commands, timeout: timeout)
        }
    }

    /// Runs `body` with the shared connection, in a span where the host traces.
    private nonisolated(nonsending) func traced<Value: Sendable>(
        _ body: nonisolated(nonsending) (RedisConnection) async throws -> Value
    ) async throws -> Value {
        guard let trace = self.pool.trace else { return try await self.shared.withShared(body) }
        return try await trace.span(.query) { try await self.shared.withShared(body) }
    }

    /// Lends a connection for as long as `body` runs; nobody else sends on it.
    ///
    /// It waits at most `acquireTimeout` while all are lent, and at most `connectTimeout` more where one is opened. A connection that comes back with a transaction open, a command under way or
    /// settings changed is closed.
    public func withConnection<Value: Sendable>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: (RedisConnection) async throws -> Value
    ) async throws -> Value {
        try await self.pool.withConnection(body)
    }

    /// Lends the connection that all tasks share, for who must know that several commands went to the same server.
    ///
    /// It may be kept: when it has ended, its commands throw, and the next that is lent leads to wherever the server is then.
    /// `body` may run once more where its command was not sent.
    public nonisolated(nonsending) func withSharedConnection<Value: Sendable>(
        _ body: nonisolated(nonsending) (RedisConnection) async throws -> Value
    ) async throws -> Value {
        try await self.shared.withShared(body)
    }

    /// Returns what it knows from the Sentinels; `nil` where none are configured.
    public func sentinelStatus() async -> RedisSentinelStatus? { await self.opener.watch?.status }

    /// Returns how busy it is.
    public func statistics() async -> RedisStatistics {
        RedisStatistics(
            leases: await self.pool.statistics,
            shared: await self.shared.counts,
            commandsInFlight: await self.shared.commandsInFlight,
            isConnected: self.shared.isOpen
        )
    }

    /// Closes its connections: callers who wait get ``RedisError/Code/closed``; what is lent closes when it comes back.
    public func close() async {
        await self.opener.watch?.close()
        await self.shared.close()
        await self.pool.close()
    }

    /// Closes the client, and waits until what is lent has come back and the commands under way are answered; after `timeout` it is
    /// closed all the same, and the commands that still wait fail.
    ///
    /// Cancelling the task is as if the time were over.
    public func drain(within timeout: Duration) async {
        async let answered: Void = self.shared.drain(within: timeout)
        await self.pool.drain(within: timeout)
        await answered
        await self.opener.watch?.close()
        await self.shared.close()
    }

    private static func checkShareable(_ command: RedisCommand) throws {
        switch command.need {
        case .anyConnection: break
        case .ownConnection: throw RedisError.needsOwnConnection(command)
        case .unsupported: throw RedisError.unsupported(command)
        }
    }
}
