// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A connection that a ``ConnectionPool`` can hold: an actor on the pool's event loop.
@usableFromInline
package protocol PooledConnection: Actor {
    /// What its driver is called, in metrics and spans: `postgresql`, `redis`.
    static var driver: String { get }

    /// Whether the next caller may have it: open, nothing under way, nothing left behind.
    var isLendable: Bool { get }

    /// Whether the server has hung up on an idle one, or said what nobody asked, which the loop may not have told it yet; it asks
    /// the kernel.
    var isHungUp: Bool { get }

    /// Closes it; harmless when repeated.
    func close()

    /// Asks the server whether it is still there; throws where it does not answer within `timeout`.
    func ping(within timeout: Duration) async throws

    /// What its driver throws where the pool has no connection for a caller.
    static func error(for refusal: PoolRefusal) -> any Error

    /// What a failed opening says about the server.
    static func news(in error: any Error) -> EndpointBreaker.News
}

/// Why a pool has no connection for a caller.
@usableFromInline
package enum PoolRefusal: String, Sendable, Hashable, CaseIterable {
    /// As many wait as may.
    case full
    /// None came free in time.
    case late
    /// The pool is closed.
    case closed
    /// The server has been failing and is left in peace.
    case breakerOpen = "breaker_open"
}
