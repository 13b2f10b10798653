// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPooling

extension EndpointBreaker {
    /// The breaker of a configuration's server; the first client decides how patient it is.
    static func of(_ configuration: RedisConfiguration) -> EndpointBreaker {
        .of(
            Endpoint(driver: "redis", address: "\(configuration.endpoint)"),
            threshold: configuration.breakerThreshold,
            backoff: configuration.breakerBackoff
        )
    }

    /// Throws where the server is left in peace, so that a caller need not even queue.
    func peek() throws {
        if self.refuses { throw RedisError(.breakerOpen) }
    }

    /// Throws where the server is left in peace; where it does not, a connection must be tried.
    func check() throws {
        if !self.admit() { throw RedisError(.breakerOpen) }
    }

    /// A command was answered.
    func answered() { self.heard(.answered) }

    /// A connection could not be opened.
    func openingFailed(_ error: any Error) { self.heard(RedisConnection.news(in: error)) }

    /// A command failed: the server's refusal is an answer, silence is not.
    func commandFailed(_ error: any Error) {
        guard let error = error as? RedisError else { return }
        switch error.code {
        case .timedOut, .connectionLost, .protocolViolation: self.heard(.outage)
        default: if error.serverPrefix != nil { self.heard(.answered) }
        }
    }
}
