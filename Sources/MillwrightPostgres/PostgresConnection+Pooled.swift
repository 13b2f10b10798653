// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
public import MillwrightPooling

extension PostgresConnection: PooledConnection {
    /// What metrics and spans call it.
    @usableFromInline package static var driver: String { "postgresql" }

    /// Whether it can be lent to somebody else: usable, and in no transaction.
    @usableFromInline package var isLendable: Bool { self.isClean }

    /// Whether the server has ended the session; what it said before is read.
    @usableFromInline package var isHungUp: Bool { self.handle?.isHungUp ?? true }

    /// Asks the server whether it is still there; where it does not say so in time, the connection is given up at once.
    @usableFromInline
    package func ping(within timeout: Duration) async throws {
        _ = try await self.rows(timeout: timeout) { connection, statement in
            try connection.sent { $0.send("SELECT 1") }
            statement.isWorthGrace = false
        }
    }

    /// What a caller is told that the pool has no connection for.
    @usableFromInline
    package static func error(for refusal: PoolRefusal) -> any Error {
        switch refusal {
        case .full: PostgresError(.poolExhausted)
        case .late: PostgresError(.timedOut)
        case .closed: PostgresError(.closed)
        case .breakerOpen: PostgresError(.breakerOpen)
        }
    }

    /// What a failed opening says about the server: with a SQLSTATE it answered, be it that it does not serve just now.
    @usableFromInline
    package static func news(in error: any Error) -> EndpointBreaker.News {
        guard let error = error as? PostgresError else { return .none }
        switch error.sqlState {
        case "57P01", "57P02", "57P03": return .outage
        case .some: return .answered
        case nil: return [.connectionFailed, .connectionLost, .timedOut].contains(error.code) ? .outage : .none
        }
    }
}

extension EndpointBreaker {
    /// The breaker of the servers that a configuration leads to.
    static func of(_ configuration: PostgresConfiguration) -> EndpointBreaker {
        let values = (try? Conninfo.parse(configuration.url.reveal())).map(Conninfo.resolved) ?? [:]
        let address = ["service", "host", "hostaddr", "port", "target_session_attrs"].map { keyword in
            "\(keyword)=\(values[keyword] ?? "")"
        }
        return .of(
            Endpoint(driver: "postgresql", address: address.joined(separator: " ")),
            threshold: configuration.breakerThreshold,
            backoff: configuration.breakerBackoff
        )
    }
}
