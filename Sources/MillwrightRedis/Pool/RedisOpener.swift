// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO

/// Opens a client's connections, as far as the breaker of their server lets it.
struct RedisOpener: Sendable {
    let configuration: RedisConfiguration
    let breaker: EndpointBreaker
    let loop: EventLoop

    init(_ configuration: RedisConfiguration, loop: EventLoop) {
        self.configuration = configuration
        self.breaker = EndpointBreaker.of(configuration)
        self.loop = loop
    }

    func open() async -> Result<RedisConnection, any Error> {
        do {
            try self.breaker.check()
        } catch {
            return .failure(error)
        }
        do {
            return .success(try await RedisConnection.connect(self.configuration, loop: self.loop))
        } catch {
            self.breaker.openingFailed(error)
            return .failure(error)
        }
    }
}
