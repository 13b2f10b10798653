// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Tracing

/// Makes a pool's spans, where the host wants them.
@usableFromInline
package struct PoolTrace: Sendable {
    /// What a span stands for.
    package enum Operation: String, Sendable {
        /// Waiting for a connection, its opening included.
        case acquire
        /// Opening a connection.
        case connect
        /// A statement or command, the wait for its connection included.
        case query
    }

    private let tracer: any Tracer
    private let driver: String
    private let pool: String

    /// `nil` where nobody traces.
    init?(_ observation: PoolObservation, driver: String) {
        guard let tracer = observation.tracer else { return nil }
        self.tracer = tracer
        self.driver = driver
        self.pool = observation.name
    }

    /// Runs `body` in a span; no statement, value or server's text is in it.
    package func span<Value: Sendable>(
        _ operation: Operation,
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Value
    ) async throws -> Value {
        try await self.tracer.withAnySpan(
            "\(self.driver) \(operation.rawValue)",
            ofKind: .client,
            isolation: isolation
        ) { span in
            _ = isolation  // A closure runs where the function does only if it names the isolation.
            span.attributes["db.system.name"] = self.driver
            span.attributes["db.client.connection.pool.name"] = self.pool
            return try await body()
        }
    }
}
