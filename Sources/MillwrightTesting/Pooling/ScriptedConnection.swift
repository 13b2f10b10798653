// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO
package import MillwrightPooling

/// A connection to a ``ScriptedServer``.
package actor ScriptedConnection: PooledConnection {
    /// What its pool says to a caller that it has no connection for.
    package struct Refusal: Error, Hashable {
        /// Why.
        package let reason: PoolRefusal

        package init(reason: PoolRefusal) { self.reason = reason }
    }

    /// What metrics and spans call it.
    package static var driver: String { "scripted" }
    /// Which of the server's connections it is.
    package nonisolated let number: Int
    private nonisolated let server: ScriptedServer
    private var isGood = true
    private var isClosed = false
    private var borrowers = 0

    package nonisolated var unownedExecutor: UnownedSerialExecutor { self.server.loop.asUnownedSerialExecutor() }

    init(_ number: Int, _ server: ScriptedServer) {
        self.number = number
        self.server = server
    }

    /// Whether the next caller may have it.
    package var isLendable: Bool { self.isGood && !self.isClosed }
    /// Whether the server has hung up; what it does is known at once here.
    package var isHungUp: Bool { !self.isGood }

    /// Breaks it, as a server does that hangs up.
    package func hangUp() { self.isGood = false }

    /// Closes it.
    package func close() {
        if !self.isClosed { self.server.change { $0.closed += 1 } }
        self.isClosed = true
    }

    /// Asks the server whether it is still there.
    package func ping(within timeout: Duration) async throws {
        self.server.change { $0.pings += 1 }
        guard self.server.now.isUp else { throw ScriptedServer.Down() }
    }

    /// Uses it for a moment, and notices who else does.
    package func use() async {
        self.borrowers += 1
        if self.borrowers > 1 { self.server.change { $0.doubleLoans += 1 } }
        await Task.yield()
        self.borrowers -= 1
    }

    /// What a caller is told that the pool has no connection for.
    package static func error(for refusal: PoolRefusal) -> any Error { Refusal(reason: refusal) }

    /// A server that is down is an outage.
    package static func news(in error: any Error) -> EndpointBreaker.News {
        error is ScriptedServer.Down ? .outage : .none
    }
}
