// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A connection on loan: whoever has it gives it back once.
@usableFromInline
package struct Lease<Connection: PooledConnection>: Sendable {
    @usableFromInline let number: Int
    /// The connection.
    @usableFromInline package let connection: Connection
    /// What to tell ``ConnectionPool/evict(through:)`` where the connection turns out to lead to the wrong server.
    @usableFromInline package let generation: Int
    /// Since when it is lent; known where somebody measures it.
    @usableFromInline var start: ContinuousClock.Instant?

    @inlinable
    init(number: Int, connection: Connection, generation: Int) {
        self.number = number
        self.connection = connection
        self.generation = generation
    }
}
