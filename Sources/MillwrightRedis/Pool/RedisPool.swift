// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightIO

/// Carries out what `PoolState` decides.
///
/// What needs a connection of its own (`WATCH`, blocking commands) is lent one out of a bounded number, so that it never holds
/// up the plain commands on the ``SharedConnection``.
actor RedisPool: Swept {
    /// What a waiter for a connection of its own is told.
    private enum Turn: Sendable {
        case lent(Int)
        case open(Int)
    }

    private nonisolated let opener: RedisOpener
    private var leases: PoolState
    private var connections: [Int: RedisConnection] = [:]
    private var waiters: [Int: (pending: PendingReply<Turn>, deadline: Deadline)] = [:]
    private var lastWaiter = 0
    private(set) var counts = RedisStatistics.Counts()

    nonisolated var unownedExecutor: UnownedSerialExecutor { self.opener.loop.asUnownedSerialExecutor() }

    init(_ opener: RedisOpener) {
        self.opener = opener
        self.leases = PoolState(
            maximum: opener.configuration.maximumConnections,
            maximumWaiting: opener.configuration.maximumWaiters
        )
    }

    var statistics: PoolStatistics { PoolStatistics(self.leases) }

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
            self.waiters[waiter] = (pending, .after(self.opener.configuration.acquireTimeout))
            self.opener.loop.sweep(self)
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
            let opened = await self.opener.open()
            self.counts.count(opened)
            let connection = try opened.get()
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
