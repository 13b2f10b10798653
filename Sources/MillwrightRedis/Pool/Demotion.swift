// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Synchronization

/// A server that answers `READONLY` was demoted: none of a client's connections to it is of use any more.
///
/// Behind a name or a balancer, as managed servers have them, the next connection leads to the server that was promoted. Where it
/// does not, as to a replica that was configured by mistake, connections are given up once a ``pause`` and no more.
final class Demotion: Sendable {
    static let pause = Duration.seconds(1)

    private struct State {
        var handler: (@Sendable () -> Void)?
        var last: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    /// Sets what is done about it, on the loop.
    func handle(_ handler: @escaping @Sendable () -> Void) { self.state.withLock { $0.handler = handler } }

    /// A connection was answered with an error.
    func notice(_ error: RedisError, at now: ContinuousClock.Instant = .now) {
        guard error.code == .readOnly else { return }
        let handler = self.state.withLock { state -> (@Sendable () -> Void)? in
            if let last = state.last, last.duration(to: now) < Self.pause { return nil }
            state.last = now
            return state.handler
        }
        handler?()
    }
}
