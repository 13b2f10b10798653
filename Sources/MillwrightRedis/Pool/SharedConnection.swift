// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightIO
import MillwrightPooling
import Synchronization

/// Carries out what ``SharedState`` decides.
///
/// Plain commands share one connection and are pipelined: Redis runs one command at a time whatever the number of connections,
/// and a batch of many callers' commands costs one write and one read.
actor SharedConnection {
    private nonisolated let opener: RedisOpener
    private var sharing = SharedState()
    /// The latest connection, for callers on any thread.
    private nonisolated let latest = Mutex<RedisConnection?>(nil)
    private var sharers: [PendingReply<RedisConnection>] = []
    private(set) var counts = RedisStatistics.Counts()
    /// Counts in the client's metrics what the statistics count, and its end.
    private nonisolated let meter: @Sendable (SharedConnectionEvent) -> Void

    nonisolated var unownedExecutor: UnownedSerialExecutor { self.opener.loop.asUnownedSerialExecutor() }

    init(_ opener: RedisOpener, counting meter: @escaping @Sendable (SharedConnectionEvent) -> Void) {
        self.opener = opener
        self.meter = meter
    }

    /// How many commands wait for their answers.
    var commandsInFlight: Int { self.connection?.assumeIsolated { $0.commandsInFlight } ?? 0 }

    /// Runs `body` with the shared connection, once more where that is certain not to run anything twice.
    nonisolated(nonsending) func withShared<Value: Sendable>(
        _ body: nonisolated(nonsending) (RedisConnection) async throws -> Value
    ) async throws -> Value {
        try self.opener.peek()
        do {
            return try await self.attempt(body)
        } catch let error as RedisError where self.opener.isWorthRetrying(error, isGivenUp: !self.isOpen) {
            await self.countRetry()
            return try await self.attempt(body)
        }
    }

    private nonisolated(nonsending) func attempt<Value: Sendable>(
        _ body: nonisolated(nonsending) (RedisConnection) async throws -> Value
    ) async throws -> Value {
        // What keeps a connection from being opened, the opener has told the breaker already.
        let connection = if let open = self.connection { open } else { try await self.openedConnection() }
        do {
            let value = try await body(connection)
            self.opener.answered()
            return value
        } catch {
            self.opener.commandFailed(error, on: connection)
            throw error
        }
    }

    private func countRetry() { self.counts.retries += 1 }

    /// Whether it takes commands.
    nonisolated var isOpen: Bool { self.connection != nil }

    /// The connection where it takes commands, without a turn on the loop.
    private nonisolated var connection: RedisConnection? {
        guard let latest = self.latest.withLock({ $0 }), latest.takesCommands else { return nil }
        return latest
    }

    private func openedConnection() async throws -> RedisConnection {
        if let connection { return connection }
        let pending = PendingReply<RedisConnection>()
        return try await pending.wait {
            // on the way in, the opening that others wait for may have ended
            if let connection {
                pending.end(.success(connection))
                return
            }
            switch self.sharing.request() {
            case .refuseClosed: pending.end(.failure(RedisError(.closed)))
            case .wait: self.sharers.append(pending)
            case .open:
                self.sharers.append(pending)
                // It serves all who wait, so it outlives the cancellation of the first; `connectTimeout` bounds it.
                Task(executorPreference: self.opener.loop) { await self.openShared() }
            }
        }
    }

    private func openShared() async {
        self.latest.withLock { $0 = nil }
        let opened = await self.opener.open()
        self.counts.count(opened)
        self.measure(opened)
        self.finishSharing(opened)
    }

    private func measure(_ opened: Result<RedisConnection, any Error>) {
        switch opened {
        case .success(let connection):
            self.meter(.opened)
            connection.assumeIsolated { [meter] in $0.tellOfEnd { meter(.closed) } }
        case .failure(let error): if (error as? RedisError)?.code != .breakerOpen { self.meter(.failedToOpen) }
        }
    }

    private func finishSharing(_ opened: Result<RedisConnection, any Error>) {
        var result = opened
        if case .success(let connection) = opened {
            if self.sharing.opened(true) {
                self.latest.withLock { $0 = connection }
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

    /// Gives the connection up, and has those who wait for answers get them; the next command opens another.
    func renew() { self.connection?.assumeIsolated { $0.retire() } }

    /// Takes no more commands, and closes the connection when those that it took are answered, or `timeout` is over.
    func drain(within timeout: Duration) async {
        self.sharing.close()
        await self.latest.withLock { $0 }?.drain(within: timeout)
    }

    /// Closes the connection; callers who wait get ``RedisError/Code/closed``.
    func close() {
        self.sharing.close()
        self.latest.withLock { $0 }?.assumeIsolated { $0.close() }
    }
}
