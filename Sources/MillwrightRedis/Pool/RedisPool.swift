// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightIO

/// Carries out what ``SharedState`` and `PoolState` decide.
///
/// Plain commands share one connection and are pipelined: Redis runs one command at a time whatever the number of connections,
/// and a batch of many callers' commands costs one write and one read. What needs a connection of its own
/// (`WATCH`, blocking commands) is lent one out of a bounded number, so that it never holds up the plain commands.
actor RedisPool: Swept {
    /// What a waiter for a connection of its own is told.
    private enum Turn: Sendable {
        case lent(Int)
        case open(Int)
    }

    nonisolated let configuration: RedisConfiguration
    private nonisolated let breaker: EndpointBreaker
    private nonisolated let loop: EventLoop
    private var leases: PoolState
    private var connections: [Int: RedisConnection] = [:]
    private var waiters: [Int: (pending: PendingReply<Turn>, deadline: Deadline)] = [:]
    private var lastWaiter = 0
    private var sharing = SharedState()
    private var shared: RedisConnection?
    private var sharers: [PendingReply<RedisConnection>] = []
    private var counts = RedisStatistics.Counts()

    nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

    init(_ configuration: RedisConfiguration, loop: EventLoop) {
        self.configuration = configuration
        self.loop = loop
        self.breaker = EndpointBreaker.of(configuration)
        self.leases = PoolState(
            maximum: configuration.maximumConnections,
            maximumWaiting: configuration.maximumWaiters
        )
    }

    var statistics: RedisStatistics {
        RedisStatistics(
            leases: PoolStatistics(self.leases),
            counts: self.counts,
            commandsInFlight: self.shared?.assumeIsolated { $0.commandsInFlight } ?? 0,
            isConnected: self.isSharedOpen
        )
    }

    // MARK: The shared connection

    /// Runs `body` with the shared connection, once more where the connection was lost before anything was sent.
    nonisolated func withShared<Value: Sendable>(
        _ body: @Sendable (RedisConnection) async throws -> Value
    ) async throws -> Value {
        try self.breaker.peek()
        // A task that does not prefer the loop would be queued there anew at every await in here.
        return try await withTaskExecutorPreference(self.loop) {
            do {
                return try await self.attempt(body)
            } catch let error as RedisError where error.code == .connectionLost && !error.mayHaveRun {
                await self.countRetry()
                return try await self.attempt(body)
            }
        }
    }

    private nonisolated func attempt<Value: Sendable>(
        _ body: @Sendable (RedisConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await self.sharedConnection()
        do {
            let value = try await body(connection)
            self.breaker.answered()
            return value
        } catch {
            self.breaker.commandFailed(error)
            throw error
        }
    }

    private func countRetry() { self.counts.retries += 1 }

    // The connection is on this pool's loop, too.
    private var isSharedOpen: Bool { self.shared?.assumeIsolated { $0.isOpen } ?? false }

    private func sharedConnection() async throws -> RedisConnection {
        if let shared, self.isSharedOpen { return shared }
        let pending = PendingReply<RedisConnection>()
        return try await pending.wait {
            switch self.sharing.request() {
            case .refuseClosed: pending.end(.failure(RedisError(.closed)))
            case .wait: self.sharers.append(pending)
            case .open:
                self.sharers.append(pending)
                // It serves all who wait, so it outlives the cancellation of the first; `connectTimeout` bounds it.
                Task(executorPreference: self.loop) { await self.openShared() }
            }
        }
    }

    private func openShared() async {
        self.shared = nil
        self.finishSharing(await self.open())
    }

    private func finishSharing(_ opened: Result<RedisConnection, any Error>) {
        var result = opened
        if case .success(let connection) = opened {
            if self.sharing.opened(true) {
                self.shared = connection
            } else {
                connection.assumeIsolated { $0.close() }
                result = .failure(RedisError(.closed))
            }
        } else {
            _ = self.sharing.opened(false)
        }
        let sharers = self.sharers
        self.sharers = []
        for sharer in sharers { sharer.end(result) }
    }

    private func open() async -> Result<RedisConnection, any Error> {
        do {
            try self.breaker.check()
        } catch {
            return .failure(error)
        }
        do {
            let connection = try await RedisConnection.connect(self.configuration, loop: self.loop)
            self.counts.opened += 1
            return .success(connection)
        } catch {
            self.counts.failedToOpen += 1
            self.breaker.openingFailed(error)
            return .failure(error)
        }
    }

    // MARK: Connections of one's own

    func acquire() async throws -> (Int, RedisConnection) {
        self.lastWaiter += 1
        let waiter = self.lastWaiter
        let pending = PendingReply<Turn>()
        do {
            // Asking and queueing are one step: another job may run wherever there is an await.
            switch try await pending.wait(start: { self.request(as: waiter, pending) }) {
            case .lent(let number): return try await self.lent(number)
            case .open(let number): return try await self.opened(number)
            }
        } catch {
            self.waiters[waiter] = nil
            _ = self.leases.leave(waiter: waiter)
            throw error
        }
    }

    private func request(as waiter: Int, _ pending: PendingReply<Turn>) {
        switch self.leases.request(waiter: waiter) {
        case .lend(let number): self.serve(pending, .lent(number))
        case .open(let number): self.serve(pending, .open(number))
        case .refuseFull: pending.end(.failure(RedisError(.poolExhausted)))
        case .refuseClosed: pending.end(.failure(RedisError(.closed)))
        case .wait:
            self.waiters[waiter] = (pending, .after(self.configuration.acquireTimeout))
            self.loop.sweep(self)
        }
    }

    func release(_ number: Int) {
        self.settle(number, isUsable: self.isClean(number))
    }

    private func isClean(_ number: Int) -> Bool { self.connections[number]?.assumeIsolated { $0.isClean } ?? false }

    /// Lends an idle connection, or a new one in its place where the server has closed it.
    private func lent(_ number: Int) async throws -> (Int, RedisConnection) {
        if self.isClean(number), let connection = self.connections[number] { return (number, connection) }
        self.discard(number)
        return try await self.opened(number)
    }

    private func opened(_ number: Int) async throws -> (Int, RedisConnection) {
        do {
            let connection = try await self.open().get()
            self.connections[number] = connection
            return (number, connection)
        } catch {
            self.settle(number, isUsable: false)
            throw error
        }
    }

    /// Hands a free place on.
    private func settle(_ number: Int, isUsable: Bool) {
        switch self.leases.release(connection: number, isUsable: isUsable) {
        case .park: break
        case .close: self.discard(number)
        case .lend(let waiter): self.serve(self.waiters.removeValue(forKey: waiter)?.pending, .lent(number))
        case .replace(let waiter, let fresh):
            self.discard(number)
            self.serve(self.waiters.removeValue(forKey: waiter)?.pending, .open(fresh))
        }
    }

    private func serve(_ pending: PendingReply<Turn>?, _ turn: Turn) {
        if pending?.end(.success(turn)) == true { return }
        // The task was cancelled, and has not had its turn on the loop to say so: the place goes to the next.
        switch turn {
        case .lent(let number): self.settle(number, isUsable: true)
        case .open(let number): self.settle(number, isUsable: false)
        }
    }

    private func discard(_ number: Int) {
        self.connections.removeValue(forKey: number)?.assumeIsolated { $0.close() }
    }

    // MARK: The end

    func close() {
        self.sharing.close()
        self.shared?.assumeIsolated { $0.close() }
        let (idle, waiting) = self.leases.close()
        for number in idle { self.discard(number) }
        for waiter in waiting { self.waiters.removeValue(forKey: waiter)?.pending.end(.failure(RedisError(.closed))) }
    }

    func swept(at now: Deadline) -> Bool {
        for (waiter, entry) in self.waiters where entry.deadline <= now {
            _ = self.leases.leave(waiter: waiter)
            self.waiters[waiter] = nil
            entry.pending.end(.failure(RedisError(.poolExhausted)))
        }
        return self.waiters.isEmpty
    }
}
