// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightPooling

extension RedisConnection: PooledConnection {
    /// What metrics and spans call it.
    @usableFromInline package static var driver: String { "redis" }

    /// Whether the next caller may have it: open, nothing under way, no transaction or setting left behind.
    @usableFromInline package var isLendable: Bool { self.isClean }

    /// Whether the server has closed the stream, or sent what nobody asked for: a connection that is lent has neither subscribed to
    /// anything nor has keys tracked, so that it would be taken for the next answer.
    @usableFromInline package var isHungUp: Bool { !self.socket.isSilent }

    /// Asks the server whether it is still there; a refusal is an answer, too.
    @usableFromInline
    package func ping(within timeout: Duration) async throws {
        do {
            _ = try await self.send(RedisCommand("PING"), timeout: timeout)
        } catch let error as RedisError where error.serverPrefix != nil {}
    }

    /// What a caller is told that the pool has no connection for.
    @usableFromInline
    package static func error(for refusal: PoolRefusal) -> any Error {
        switch refusal {
        case .full, .late: RedisError(.poolExhausted)
        case .closed: RedisError(.closed)
        case .breakerOpen: RedisError(.breakerOpen)
        }
    }

    /// What a failed opening says about the server: it answered where it refused a password or another client, did not where it
    /// cannot serve, and was not asked where a breaker refused.
    @usableFromInline
    package static func news(in error: any Error) -> EndpointBreaker.News {
        guard let error = error as? RedisError else { return .none }
        switch error.code {
        case .noAuthentication, .wrongPassword: return .answered
        // It serves those that it has: what they ask is not to be refused for it.
        case .tooManyClients: return .answered
        case .breakerOpen: return .none
        case _ where error.isOutage: return .outage
        default: return error.serverPrefix == nil ? .none : .answered
        }
    }
}
