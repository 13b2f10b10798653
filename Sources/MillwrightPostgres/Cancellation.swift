// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Synchronization

/// One statement's cancellation.
///
/// While a request is under way it holds the connection, so that it cannot strike the statement after.
final class Cancellation: Sendable {
    private enum State {
        case running
        // unsafe: resumed by `finish` alone, which takes it away first; a checked one has no size that the compiler knows
        case sending(UnsafeContinuation<Void, Never>?)
        case over
    }

    private let canceller: PostgresCanceller
    private let state = Mutex(State.running)

    init(_ canceller: PostgresCanceller) { self.canceller = canceller }

    /// Asks the server to end the statement; once, however often it is called.
    func request() {
        let isFirst = self.state.withLock { state in
            guard case .running = state else { return false }
            state = .sending(nil)
            return true
        }
        guard isFirst else { return }
        // One that failed may reach the server all the same: it counts as under way until the grace time is over.
        self.canceller.send { isTaken in if isTaken { self.finish() } }
    }

    /// Ends the cancellation and lets go who waits for it.
    ///
    /// A request has reached the server; or the connection is gone, so that none can strike what comes after.
    func finish() {
        let waiting = self.state.withLock { state in
            defer { state = .over }
            if case .sending(let continuation) = state { return continuation } else { return nil }
        }
        waiting?.resume()
    }

    /// Ends the cancellation where no request is under way; false where ``settle()`` must wait for one.
    func endIfQuiet() -> Bool {
        self.state.withLock { state in
            if case .sending = state { return false }
            state = .over
            return true
        }
    }

    /// Makes sure that nothing is requested from here on; false where something has been.
    func prevent() -> Bool {
        self.state.withLock { state in
            guard case .running = state else { return false }
            state = .over
            return true
        }
    }

    /// Waits until a request under way has reached the server; from here on none begins.
    func settle() async {
        await withUnsafeContinuation { continuation in
            let isQuiet = self.state.withLock { state in
                guard case .sending = state else {
                    state = .over
                    return true
                }
                state = .sending(continuation)
                return false
            }
            if isQuiet { continuation.resume() }
        }
    }
}
