// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO
import MillwrightPooling

/// Opens a client's connections, as far as the breaker of their server lets it.
struct RedisOpener: Sendable {
    let configuration: RedisConfiguration
    let breaker: EndpointBreaker
    let loop: EventLoop

    init(_ configuration: RedisConfiguration, loop: EventLoop) {
        self.configuration = configuration
        self.breaker = .of(configuration)
        self.loop = loop
    }

    /// Opens a connection without asking the breaker.
    func connect() async throws -> RedisConnection {
        try await RedisConnection.connect(self.configuration, loop: self.loop)
    }

    /// Opens a connection where the breaker lets it, and tells the breaker how it went.
    func open() async -> Result<RedisConnection, any Error> {
        do {
            try self.breaker.check()
        } catch {
            return .failure(error)
        }
        do {
            return .success(try await self.connect())
        } catch {
            self.breaker.openingFailed(error)
            return .failure(error)
        }
    }
}
