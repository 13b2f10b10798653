// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO

/// The line to one Sentinel: its connection is kept between questions.
actor SentinelLine {
    private let configuration: RedisConfiguration
    private let questions: [RedisCommand]
    private nonisolated let loop: EventLoop
    private var connection: RedisConnection?

    nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

    init(_ sentinel: RedisConfiguration.Endpoint, of sentinels: RedisSentinels, loop: EventLoop) {
        self.configuration = sentinels.configuration(of: sentinel)
        self.questions = SentinelAnswer.questions(about: sentinels.primaryName)
        self.loop = loop
    }

    /// Asks, and takes no longer than the Sentinels' timeout.
    func ask() async throws -> SentinelAnswer {
        let deadline = Deadline.after(self.configuration.connectTimeout)
        let connection = try await self.connected()
        do {
            return try SentinelAnswer(
                await connection.pipeline(self.questions, timeout: deadline.remaining ?? .zero)
            )
        } catch {
            self.hangUp()
            throw error
        }
    }

    private func hangUp() {
        self.connection?.assumeIsolated { $0.close() }
        self.connection = nil
    }

    private var isConnected: Bool { self.connection?.assumeIsolated { $0.isOpen } ?? false }

    private func connected() async throws -> RedisConnection {
        if let connection, self.isConnected { return connection }
        let connection = try await RedisConnection.connect(self.configuration, loop: self.loop)
        self.connection = connection
        return connection
    }
}
