// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore
public import MillwrightIO

/// A bounded pool of connections to one PostgreSQL.
///
/// ```swift
/// let client = PostgresClient(PostgresConfiguration("postgres://app@/erp"))
/// let (count,) = try await client.query("SELECT count(*) FROM erp_product", as: Int.self)[0]
/// await client.close()
/// ```
/// A caller waits for a connection at most `acquireTimeout`; a connection that comes back in a transaction, with a statement
/// under way or broken is closed, never lent again.
public final class PostgresClient: Sendable, Querying {
    private let pool: PostgresPool

    /// Creates a client; no connection is made before the first statement.
    public init(_ configuration: PostgresConfiguration, on loop: EventLoop = .shared) {
        self.pool = PostgresPool(configuration, loop: loop)
    }

    /// How it was configured.
    public var configuration: PostgresConfiguration { self.pool.configuration }

    /// Lends a connection for as long as `body` runs.
    @discardableResult
    public func withConnection<Value: Sendable>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let (number, connection) = try await self.pool.acquire()
        do {
            let value = try await body(connection)
            await self.pool.release(number)
            return value
        } catch {
            await self.pool.release(number)
            throw error
        }
    }

    /// Runs one statement on a connection of the pool.
    public func query(_ sql: SQL, timeout: Duration? = nil) async throws -> Rows {
        try await self.withConnection { try await $0.query(sql, timeout: timeout) }
    }

    /// Runs `body` in a transaction on a connection of the pool.
    @discardableResult
    public func withTransaction<Value: Sendable>(
        readOnly: Bool = false,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await self.withConnection { try await $0.withTransaction(readOnly: readOnly, body) }
    }

    /// Returns how busy the pool is.
    public func statistics() async -> PoolStatistics { await self.pool.statistics }

    /// Closes the idle connections, turns waiters away, and closes what is lent when it comes back.
    public func close() async { await self.pool.close() }
}

/// Carries out what ``PoolState`` decides.
actor PostgresPool: Swept {
    /// What a waiter is told.
    private enum Turn {
        case lent(Int)
        case open(Int)
    }
    private struct Waiter {
        var continuation: CheckedContinuation<Turn, any Error>
        var deadline: Deadline
    }

    nonisolated let configuration: PostgresConfiguration
    private nonisolated let loop: EventLoop
    private var state: PoolState
    private var connections: [Int: PostgresConnection] = [:]
    private var expiries: [Int: Deadline] = [:]
    private var waiters: [Int: Waiter] = [:]
    private var lastWaiter = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

    init(_ configuration: PostgresConfiguration, loop: EventLoop) {
        self.configuration = configuration
        self.loop = loop
        self.state = PoolState(
            maximum: configuration.maximumConnections,
            maximumWaiting: configuration.maximumWaiting
        )
    }

    var statistics: PoolStatistics { PoolStatistics(self.state) }

    func acquire() async throws -> (Int, PostgresConnection) {
        try Task.checkCancellation()
        self.lastWaiter += 1
        switch try await self.turn(of: self.lastWaiter) {
        case .lent(let number): return try await self.lent(number)
        case .open(let number): return try await self.open(number)
        }
    }

    /// Asks for a place, and waits for it where there is none.
    ///
    /// Asked and queued in one go, inside the continuation: a task may be queued anew at any `await`, even of this actor's own
    /// functions, and a place that came free in between would be lost.
    private func turn(of waiter: Int) async throws -> Turn {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                switch self.state.request(waiter: waiter) {
                case .lend(let number): continuation.resume(returning: .lent(number))
                case .open(let number): continuation.resume(returning: .open(number))
                case .refuseFull: continuation.resume(throwing: PostgresError(.poolExhausted))
                case .refuseClosed: continuation.resume(throwing: PostgresError(.closed))
                case .wait: self.enqueue(waiter, continuation)
                }
            }
        } onCancel: {
            Task(executorPreference: self.loop) { await self.turnAway(waiter, CancellationError()) }
        }
    }

    private func enqueue(_ waiter: Int, _ continuation: CheckedContinuation<Turn, any Error>) {
        self.waiters[waiter] = Waiter(
            continuation: continuation,
            deadline: .after(self.configuration.acquireTimeout)
        )
        self.loop.sweep(self)
        if Task.isCancelled { self.turnAway(waiter, CancellationError()) }
    }

    /// Lends an idle connection, or a new one in its place where it broke or grew too old meanwhile.
    private func lent(_ number: Int) async throws -> (Int, PostgresConnection) {
        if let connection = self.connections[number], await connection.isClean,
            !(self.expiries[number]?.isOver ?? false)
        {
            return (number, connection)
        }
        await self.connections.removeValue(forKey: number)?.close()
        return try await self.open(number)
    }

    private func open(_ number: Int) async throws -> (Int, PostgresConnection) {
        do {
            let connection = try await PostgresConnection.connect(self.configuration, on: self.loop)
            self.connections[number] = connection
            self.expiries[number] = self.configuration.maximumAge.map { .after($0) }
            return (number, connection)
        } catch {
            self.settle(number, isUsable: false)
            throw error
        }
    }

    func release(_ number: Int) async {
        let isUsable = await self.connections[number]?.isClean ?? false
        self.settle(number, isUsable: isUsable)
    }

    /// Hands a free place on.
    private func settle(_ number: Int, isUsable: Bool) {
        switch self.state.release(connection: number, isUsable: isUsable) {
        case .park: break
        case .lend(let waiter): self.serve(waiter, .lent(number))
        case .close: self.discard(number)
        case .replace(let waiter, let fresh):
            self.discard(number)
            self.serve(waiter, .open(fresh))
        }
    }

    private func serve(_ waiter: Int, _ turn: Turn) {
        self.waiters.removeValue(forKey: waiter)?.continuation.resume(returning: turn)
    }

    private func turnAway(_ waiter: Int, _ error: any Error) {
        guard self.state.leave(waiter: waiter) else { return }  // served already: it brings the connection back itself
        self.waiters.removeValue(forKey: waiter)?.continuation.resume(throwing: error)
    }

    private func discard(_ number: Int) {
        self.expiries[number] = nil
        guard let connection = self.connections.removeValue(forKey: number) else { return }
        connection.assumeIsolated { $0.close() }  // the same executor: the loop
    }

    func close() {
        let (idle, waiters) = self.state.close()
        idle.forEach { self.discard($0) }
        waiters.forEach { self.waiters.removeValue(forKey: $0)?.continuation.resume(throwing: PostgresError(.closed)) }
    }

    func swept(at now: Deadline) -> Bool {
        for (number, waiter) in self.waiters where now >= waiter.deadline {
            self.turnAway(number, PostgresError(.timedOut))
        }
        return self.waiters.isEmpty
    }
}
