// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore
public import MillwrightIO

/// A bounded number of connections to one server, each lent to one caller at a time: carries out what `PoolState` decides.
///
/// A caller gets the connection used last, or a new one while there is room, or waits in turn. What comes back unfit for the
/// next caller is closed. Whatever ends a caller's wait (its turn, its deadline, its cancellation, the pool's end) no place
/// is lost and no connection is lent twice.
///
/// What every loan runs through is inlinable, and the actor final, so that a driver's module has it made for its own connections:
/// left generic, or called through a table, each loan would look types up at run time.
@usableFromInline
package final actor ConnectionPool<Connection: PooledConnection> {
    /// What a caller is told.
    @usableFromInline
    package enum Turn: Sendable {
        case ready(Lease<Connection>)
        /// It must ask the server first whether it is still there.
        case check(Lease<Connection>)
        /// It opens a connection under this number.
        case open(Int)
    }

    @usableFromInline package nonisolated let loop: EventLoop
    @usableFromInline nonisolated let configuration: PoolConfiguration
    nonisolated let breaker: EndpointBreaker
    /// Who makes spans; nobody where `nil`.
    @usableFromInline package nonisolated let trace: PoolTrace?
    @usableFromInline nonisolated let meter: PoolMeter?
    private nonisolated let connect: @Sendable () async throws -> Connection
    // Unchecked: nothing that these are handed to calls back while they change, and the checks cost each loan time.
    @usableFromInline @exclusivity(unchecked) var state: PoolState
    @usableFromInline @exclusivity(unchecked) var connections: [Int: Connection] = [:]
    var counts = PoolCounts()
    // unsafe: resumed by `serve` and `refuse` alone, which both take the waiter away first; the check costs an allocation
    @usableFromInline @exclusivity(unchecked) var waiters: [Int: UnsafeContinuation<Turn, any Error>] = [:]
    @usableFromInline @exclusivity(unchecked) var lastWaiter = 0
    @usableFromInline @exclusivity(unchecked) var isSwept = false
    @usableFromInline var upkeep: (task: Task<Void, Never>, due: Duration)?
    @usableFromInline var draining: (continuations: [CheckedContinuation<Void, Never>], deadline: Deadline)?

    @inlinable package nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

    /// Creates a pool; no connection is made before the first caller comes.
    ///
    /// - Parameters:
    ///   - breaker: says whether the server may be asked for a connection.
    ///   - connect: opens a connection, in a time that it bounds itself.
    package init(
        _ configuration: PoolConfiguration,
        on loop: EventLoop,
        breaker: EndpointBreaker = EndpointBreaker(),
        connect: @escaping @Sendable () async throws -> Connection
    ) {
        self.configuration = configuration
        self.loop = loop
        self.breaker = breaker
        self.connect = connect
        self.state = PoolState(configuration.limits)
        self.trace = PoolTrace(configuration.observation, driver: Connection.driver)
        self.meter = PoolMeter(configuration.observation, driver: Connection.driver)
        if let meter { breaker.show(on: meter) }
    }

    deinit { self.upkeep?.task.cancel() }

    /// How busy it is.
    package var statistics: PoolStatistics {
        PoolStatistics(self.state, self.counts, breaker: self.breaker.standing)
    }

    // MARK: Lending

    /// Lends a connection, which must be given back with ``release(_:)``.
    ///
    /// - Parameter taken: an idle connection that was taken for the caller already.
    @inlinable
    package func acquire(_ taken: Turn? = nil) async throws -> Lease<Connection> {
        self.isObserved ? try await self.lendObserved(taken) : try await self.lend(taken)
    }

    @inlinable
    func lend(_ taken: Turn?) async throws -> Lease<Connection> {
        let turn = if let taken = try taken ?? self.takeIdle() { taken } else { try await self.turn() }
        switch turn {
        case .ready(let lease): return lease
        case .check(let lease): return try await self.checked(lease)
        case .open(let number): return try await self.open(number)
        }
    }

    /// Gives a connection back, and hands it or its place on.
    @inlinable
    package func release(_ lease: Lease<Connection>) {
        if let start = lease.start { self.meter?.held(since: start) }
        let isUsable = lease.connection.assumeIsolated { $0.isLendable }
        switch self.state.release(connection: lease.number, isUsable: isUsable, at: Deadline.clock) {
        case .park: if self.upkeep == nil { self.scheduleUpkeep() }
        case .lend(let waiter): self.serve(waiter, .ready(lease))
        case .close(let reason, let next):
            self.discard(lease.number, reason)
            self.serve(next)
        case .none: break
        }
        self.meter?.show(self.state)
        self.finishDrainingIfEmpty()
    }

    /// Takes an idle connection without waiting; `nil` where there is none.
    @inlinable
    package func takeIdle() throws -> Turn? {
        try Task.checkCancellation()
        return self.idleTurn()
    }

    @inlinable
    func idleTurn() -> Turn? {
        let now = Deadline.clock
        while let idle = self.state.takeIdle(at: now) {
            switch idle {
            case .lend(let number): if let lease = self.lease(number) { return .ready(lease) }
            case .check(let number): if let lease = self.lease(number) { return .check(lease) }
            case .retire(let number): self.discard(number, .age)
            }
        }
        return nil
    }

    /// `nil` where the connection broke while it was idle.
    @inlinable
    func lease(_ number: Int) -> Lease<Connection>? {
        if let connection = self.connections[number], connection.assumeIsolated({ $0.isLendable && !$0.isHungUp }) {
            return Lease(number: number, connection: connection, generation: self.state.generation(of: number))
        }
        self.state.forget(number)
        self.discard(number, .broken)
        return nil
    }

    /// Asks for a place, and waits for it where there is none.
    ///
    /// Asked and queued in one go, inside the continuation: a task may be queued anew at any `await`, even of this actor's own
    /// functions, and a place that came free in between would be lost.
    @inlinable
    func turn() async throws -> Turn { try await self.turnOnLoop() }

    /// The same for a caller that is on the loop, which needs no change of executor then.
    @inlinable
    func turnOnLoop(isolation: isolated (any Actor)? = #isolation) async throws -> Turn {
        // Whoever was thrown an error may have been on the loop's thread without belonging there, and has just left it.
        guard self.loop.isCurrent else { return try await self.turn() }
        let waiter = self.nextWaiter()
        return try await withTaskCancellationHandler {
            _ = isolation
            return try await withUnsafeThrowingContinuation { continuation in
                self.assumeIsolated { $0.request(as: waiter, continuation) }
            }
        } onCancel: {
            Task(executorPreference: self.loop) { await self.turnAway(waiter, CancellationError()) }
        }
    }

    // Who runs on the loop's thread is as good as isolated; the check stands in `checkIsolated()`.
    @inlinable
    nonisolated func nextWaiter() -> Int {
        self.assumeIsolated { pool in
            pool.lastWaiter += 1
            return pool.lastWaiter
        }
    }

    @inlinable
    func request(as waiter: Int, _ continuation: UnsafeContinuation<Turn, any Error>) {
        if let turn = self.idleTurn() { return continuation.resume(returning: turn) }
        let deadline = Deadline.clock + self.configuration.acquireTimeout
        switch self.state.request(waiter: waiter, until: deadline) {
        case .open(let number):
            self.meter?.show(self.state)
            continuation.resume(returning: .open(number))
        case .refuseFull: continuation.resume(throwing: self.refusal(.full))
        case .refuseClosed: continuation.resume(throwing: self.refusal(.closed))
        case .wait:
            self.waiters[waiter] = continuation
            self.meter?.show(self.state)
            self.sweep()
            if Task.isCancelled { self.turnAway(waiter, CancellationError()) }
        }
    }

    /// Has the loop look at what has a deadline.
    @inlinable
    func sweep() {
        guard !self.isSwept else { return }
        self.isSwept = true
        self.loop.sweep(self)
    }

    @inlinable
    func turnAway(_ waiter: Int, _ error: any Error) {
        guard self.state.leave(waiter: waiter) else { return }  // served already: it brings the connection back itself
        self.refuse(waiter, error)
    }

    @inlinable
    func refuse(_ waiter: Int, _ error: any Error) {
        self.waiters.removeValue(forKey: waiter)?.resume(throwing: error)
    }

    @inlinable
    func serve(_ waiter: Int, _ turn: Turn) {
        self.waiters.removeValue(forKey: waiter)?.resume(returning: turn)
    }

    @inlinable
    func serve(_ next: PoolState.Place?) {
        if let next { self.serve(next.waiter, .open(next.connection)) }
    }

    // MARK: Opening and closing

    /// Opens a connection under a number, or under the next one where it was evicted before it stood.
    @usableFromInline
    func open(_ first: Int, for reason: PoolMeter.OpenReason = .demand) async throws -> Lease<Connection> {
        if self.upkeep == nil { self.scheduleUpkeep() }
        var number = first
        while true {
            let connection = try await self.connection(number, for: reason)
            switch self.state.opened(connection: number, at: Deadline.clock, random: .random(in: 0...1)) {
            case .keep:
                self.connections[number] = connection
                return Lease(number: number, connection: connection, generation: self.state.generation)
            case .reopen(let fresh):
                self.close(connection, .evicted)
                number = fresh
            case .close:
                self.close(connection, .shutdown)
                self.finishDrainingIfEmpty()
                throw self.refusal(.closed)
            }
        }
    }

    private func connection(_ number: Int, for reason: PoolMeter.OpenReason) async throws -> Connection {
        defer { self.meter?.show(self.state) }
        do {
            guard self.breaker.admit() else { throw self.refusal(.breakerOpen) }
            return try await self.connected(for: reason)
        } catch {
            let next = self.state.openingFailed(connection: number, at: Deadline.clock) { failures in
                self.configuration.backoff.delay(attempt: failures - 1, random: .random(in: 0...1))
            }
            self.serve(next)
            self.scheduleUpkeep()
            self.finishDrainingIfEmpty()
            throw error
        }
    }

    private func connected(for reason: PoolMeter.OpenReason) async throws -> Connection {
        do {
            let connection =
                if let trace { try await trace.span(.connect, self.connect) } else { try await self.connect() }
            self.counts.opened += 1
            self.meter?.countOpened(reason)
            self.breaker.heard(.answered)
            return connection
        } catch {
            self.counts.failedToOpen += 1
            self.meter?.countFailedToOpen()
            self.breaker.heard(Connection.news(in: error))
            throw error
        }
    }

    /// Asks the server whether a connection that was idle for long is still there; opens another in its place where it is not.
    @usableFromInline
    func checked(_ lease: Lease<Connection>) async throws -> Lease<Connection> {
        let isThere: Void? = try? await lease.connection.ping(within: self.configuration.checkTimeout)
        guard !self.state.isClosed, !Task.isCancelled else {
            self.release(lease)
            throw self.state.isClosed ? self.refusal(.closed) : CancellationError()
        }
        let isStale = lease.generation < self.state.generation
        if isThere != nil, !isStale { return lease }
        self.discard(lease.number, isStale ? .evicted : .unanswered)
        return try await self.open(self.state.renew(lease.number))
    }

    @usableFromInline
    func discard(_ number: Int, _ reason: PoolCloseReason) {
        guard let connection = self.connections.removeValue(forKey: number) else { return }
        self.close(connection, reason)
        self.scheduleUpkeep()
    }

    private func close(_ connection: Connection, _ reason: PoolCloseReason) {
        self.counts.closed[reason, default: 0] += 1
        self.meter?.countClosed(reason)
        connection.assumeIsolated { $0.close() }  // the same executor: the loop
    }
}
