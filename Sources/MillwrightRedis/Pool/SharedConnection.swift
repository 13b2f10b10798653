// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightIO

/// Carries out what ``SharedState`` decides.
///
/// Plain commands share one connection and are pipelined: Redis runs one command at a time whatever the number of connections,
/// and a batch of many callers' commands costs one write and one read.
actor SharedConnection {
    private nonisolated let opener: RedisOpener
    private var sharing = SharedState()
    private var shared: RedisConnection?
    private var sharers: [PendingReply<RedisConnection>] = []
    private(set) var counts = RedisStatistics.Counts()

    nonisolated var unownedExecutor: UnownedSerialExecutor { self.opener.loop.asUnownedSerialExecutor() }

    init(_ opener: RedisOpener) { self.opener = opener }

    /// How many commands wait for their answers.
    var commandsInFlight: Int { self.shared?.assumeIsolated { $0.commandsInFlight } ?? 0 }

    /// Runs `body` with the shared connection, once more where that is certain not to run anything twice.
    nonisolated func withShared<Value: Sendable>(
        _ body: @Sendable (RedisConnection) async throws -> Value
    ) async throws -> Value {
        try self.opener.peek()
        // A task that does not prefer the loop would be queued there anew at every await in here.
        return try await withTaskExecutorPreference(self.opener.loop) {
            do {
                return try await self.attempt(body)
            } catch let error as RedisError where self.opener.isWorthRetrying(error) {
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
            self.opener.answered()
            return value
        } catch {
            self.opener.commandFailed(error, on: connection)
            throw error
        }
    }

    private func countRetry() { self.counts.retries += 1 }

    /// Whether it takes commands.
    var isOpen: Bool { self.shared?.assumeIsolated { $0.isOpen } ?? false }

    private func sharedConnection() async throws -> RedisConnection {
        if let shared, self.isOpen { return shared }
        let pending = PendingReply<RedisConnection>()
        return try await pending.wait {
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
        self.shared = nil
        let opened = await self.opener.open()
        self.counts.count(opened)
        self.finishSharing(opened)
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

    /// Closes the connection; callers who wait get ``RedisError/Code/closed``.
    func close() {
        self.sharing.close()
        self.shared?.assumeIsolated { $0.close() }
    }
}
