// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightIO
import MillwrightPooling
import Synchronization

/// Follows the primary of a client: carries out what ``SentinelState`` decides.
///
/// Every connection of the client is opened here and remembered. When the primary is deposed they are all ended in the same turn
/// of the event loop in which that became known, before anybody can write another byte.
actor PrimaryWatch: Swept {
    /// What callers are told before they queue.
    struct Gate {
        var breaker: EndpointBreaker?
        /// Why no primary was found, once one was looked for as long as a caller would wait.
        var refusal: RedisError?
    }

    nonisolated let configuration: RedisConfiguration
    nonisolated let sentinels: RedisSentinels
    nonisolated let loop: EventLoop
    nonisolated let gate = Mutex(Gate())
    /// The breaker of the client's pool, which lets everybody through when a primary is found.
    private nonisolated let clientBreaker: EndpointBreaker

    let start = ContinuousClock.now
    var state: SentinelState
    var search: SentinelSearch
    var lines: [RedisConfiguration.Endpoint: SentinelLine] = [:]
    var searching: Task<Void, Never>?
    var nap: Task<Void, Never>?
    /// Who listens to which Sentinel.
    var listening: [RedisConfiguration.Endpoint: Task<Void, Never>] = [:]
    private var opened = OpenedConnections()
    private var waiters: [(pending: PendingReply<Void>, deadline: Deadline)] = []
    private var failovers: [RedisFailover] = []
    private(set) var isClosed = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

    init(
        _ sentinels: RedisSentinels,
        for configuration: RedisConfiguration,
        breaker: EndpointBreaker = EndpointBreaker(),
        loop: EventLoop
    ) {
        self.clientBreaker = breaker
        self.configuration = configuration
        self.sentinels = sentinels
        self.loop = loop
        self.state = SentinelState(sentinels.endpoints)
        self.search = SentinelSearch(interval: sentinels.pollInterval, at: .now)
    }

    deinit {
        self.nap?.cancel()
        for task in self.listening.values { task.cancel() }
    }

    /// Whether anything is connected that a failover would have to be told to.
    var isFollowing: Bool { !self.opened.isEmpty }

    var status: RedisSentinelStatus {
        RedisSentinelStatus(
            primaryName: self.sentinels.primaryName,
            primary: self.state.isTrusted ? self.state.primary : nil,
            sentinels: self.state.sentinels,
            failovers: self.failovers
        )
    }

    /// Ends the watch; callers who wait get ``RedisError/Code/closed``, what was opened belongs to whoever holds it.
    func close() {
        self.isClosed = true
        self.nap?.cancel()
        for task in self.listening.values { task.cancel() }
        self.listening = [:]
        self.lines = [:]
        let waiters = self.waiters
        self.waiters = []
        for waiter in waiters { waiter.pending.end(.failure(RedisError(.closed))) }
    }

    // MARK: Connections

    /// Throws where a caller need not even queue.
    nonisolated func peek() throws {
        let gate = self.gate.withLock { $0 }
        if let refusal = gate.refusal { throw refusal }
        try gate.breaker?.peek()
    }

    /// A command was answered.
    nonisolated func answered() { self.gate.withLock { $0.breaker }?.answered() }

    /// Refuses whoever comes now, until a primary is found.
    func refuse() { self.gate.withLock { $0.refusal = self.search.failure } }

    /// Opens a connection to the primary, and waits for one to be found no longer than `connectTimeout`.
    func open() async throws -> RedisConnection {
        let deadline = Deadline.after(self.configuration.connectTimeout)
        self.beginSearch()
        while true {
            let (primary, generation) = try await self.trusted(before: deadline)
            do {
                let connection = try await self.connect(to: primary, before: deadline)
                if self.admit(connection, generation) { return connection }
            } catch let error as RedisError {
                // A refusal, as of a wrong password, is for the caller: asking again would not change it.
                if !self.notice(error, generation) || deadline.isOver { throw error }
            }
        }
    }

    /// Opens a connection that nobody follows up.
    func openOnce() async throws -> RedisConnection {
        defer { self.close() }
        return try await self.open()
    }

    private func connect(
        to primary: RedisConfiguration.Endpoint,
        before deadline: Deadline
    ) async throws -> RedisConnection {
        let configuration = self.configuration.primary(at: primary, within: deadline.remaining ?? .zero)
        return try await RedisConnection.connect(
            configuration,
            through: EndpointBreaker.of(configuration),
            loop: self.loop
        )
    }

    /// Remembers a connection, unless its server was deposed while it was opened.
    private func admit(_ connection: RedisConnection, _ generation: Int) -> Bool {
        guard generation == self.state.generation, !self.isClosed else {
            connection.assumeIsolated { $0.close() }
            return false
        }
        connection.assumeIsolated {
            $0.onTrouble = { [weak self] error in self?.assumeIsolated { _ = $0.notice(error, generation) } }
        }
        self.opened.append(connection)
        return true
    }

    /// A connection failed, or its server answered with an error; returns whether that says anything of who the primary is.
    @discardableResult
    private func notice(_ error: RedisError, _ generation: Int) -> Bool {
        guard generation == self.state.generation else { return true }
        switch error.code {
        case .readOnly, .primaryDown, .noPrimary:
            for connection in self.opened.takeAll() { connection.assumeIsolated { $0.retire() } }
            self.change { $0.refused(generation: generation) }
        case .connectionFailed, .connectionLost, .timedOut, .protocolViolation, .nameNotFound, .loading:
            self.change { $0.doubt(generation: generation) }
        default: return false
        }
        return true
    }

    // MARK: What is believed

    /// Lets the state decide, and carries out in the same turn what follows.
    func change<Value>(_ decide: (inout SentinelState) -> Value) -> Value {
        let before = self.state
        let value = decide(&self.state)
        if let old = before.primary, before.generation != self.state.generation { self.drop(old) }
        if self.state.isTrusted {
            if !before.isTrusted || before.primary != self.state.primary { self.found() }
        } else if before.isTrusted {
            self.search.lost(at: .now)
            self.nap?.cancel()
        }
        return value
    }

    private func drop(_ old: RedisConfiguration.Endpoint) {
        self.failovers.append(RedisFailover(from: old, learnt: .now))
        if self.failovers.count > 64 { self.failovers.removeFirst() }
        for connection in self.opened.takeAll() { connection.assumeIsolated { $0.depose() } }
    }

    private func found() {
        guard let primary = self.state.primary else { return }
        self.search.found(at: .now)
        if let last = self.failovers.indices.last, self.failovers[last].followed == nil {
            self.failovers[last].follow(primary, at: .now)
        }
        let breaker = EndpointBreaker.of(self.configuration.primary(at: primary, within: .zero))
        self.gate.withLock { $0 = Gate(breaker: breaker) }
        self.clientBreaker.answered()
        let waiters = self.waiters
        self.waiters = []
        for waiter in waiters { waiter.pending.end(.success(())) }
    }

    /// Waits until a primary is trusted.
    private func trusted(before deadline: Deadline) async throws -> (RedisConfiguration.Endpoint, Int) {
        while true {
            if self.isClosed { throw RedisError(.closed) }
            if let primary = self.state.primary, self.state.isTrusted { return (primary, self.state.generation) }
            if let refusal = self.gate.withLock({ $0.refusal }) { throw refusal }
            let pending = PendingReply<Void>()
            try await pending.wait {
                self.waiters.append((pending, deadline))
                self.loop.sweep(self)
            }
        }
    }

    /// Gives up callers whose time is over.
    func swept(at now: Deadline) -> Bool {
        for waiter in self.waiters where waiter.deadline <= now {
            waiter.pending.end(.failure(self.search.failure))
        }
        self.waiters.removeAll { $0.pending.isOver }
        return self.waiters.isEmpty
    }
}
