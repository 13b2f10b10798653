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
        case over(wasRequested: Bool)

        /// The same when nothing is under way any more.
        var ended: Self {
            switch self {
            case .running: .over(wasRequested: false)
            case .sending: .over(wasRequested: true)
            case .over: self
            }
        }
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

    /// Whether the server was asked, and who asked may not have told the connection yet: its error can come before that.
    var wasRequested: Bool {
        self.state.withLock { state in
            switch state {
            case .running: false
            case .sending: true
            case .over(let wasRequested): wasRequested
            }
        }
    }

    /// Ends the cancellation and lets go who waits for it.
    ///
    /// A request has reached the server; or the connection is gone, so that none can strike what comes after.
    func finish() {
        let waiting = self.state.withLock { state in
            defer { state = state.ended }
            if case .sending(let continuation) = state { return continuation } else { return nil }
        }
        waiting?.resume()
    }

    /// Ends the cancellation where nothing was requested; false where something was, which ``settle()`` may have to wait for.
    func endIfQuiet() -> Bool {
        self.state.withLock { state in
            guard case .running = state else {
                if case .over(wasRequested: false) = state { return true }
                return false
            }
            state = state.ended
            return true
        }
    }

    /// Makes sure that nothing is requested from here on; false where something has been.
    func prevent() -> Bool {
        self.state.withLock { state in
            guard case .running = state else { return false }
            state = state.ended
            return true
        }
    }

    /// Waits until a request under way has reached the server; from here on none begins.
    func settle() async {
        await withUnsafeContinuation { continuation in
            let isQuiet = self.state.withLock { state in
                guard case .sending = state else {
                    state = state.ended
                    return true
                }
                state = .sending(continuation)
                return false
            }
            if isQuiet { continuation.resume() }
        }
    }
}
