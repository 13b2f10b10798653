// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A connection on loan: whoever has it gives it back once.
package struct Lease<Connection: PooledConnection>: Sendable {
    let number: Int
    /// The connection.
    package let connection: Connection
    /// What to tell ``ConnectionPool/evict(through:)`` where the connection turns out to lead to the wrong server.
    package let generation: Int
    /// Since when it is lent; known where somebody measures it.
    var start: ContinuousClock.Instant?
}
