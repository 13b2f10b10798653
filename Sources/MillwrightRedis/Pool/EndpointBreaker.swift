// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Synchronization

/// Whether a server is asked for a connection at all; shared by every client of that server in this process.
///
/// Without it each caller would wait for a frozen server as long as the configuration allows; with it the first few do.
final class EndpointBreaker: Sendable {
    private static let all = Mutex<[RedisConfiguration.Endpoint: EndpointBreaker]>([:])

    private let state: Mutex<BreakerState>
    // Whether there is a failure to forget: an answer costs one read as long as there is none.
    private let hasFailures = Atomic<Bool>(false)
    private let start = ContinuousClock.now

    init(threshold: Int, backoff: Backoff) {
        self.state = Mutex(BreakerState(threshold: threshold, backoff: backoff))
    }

    /// The breaker of a configuration's server; the first client decides how patient it is.
    static func of(_ configuration: RedisConfiguration) -> EndpointBreaker {
        self.all.withLock { all in
            if let breaker = all[configuration.endpoint] { return breaker }
            let breaker = EndpointBreaker(
                threshold: configuration.breakerThreshold,
                backoff: configuration.breakerBackoff
            )
            all[configuration.endpoint] = breaker
            return breaker
        }
    }

    private var now: Duration { self.start.duration(to: .now) }

    /// Throws where the server is left in peace, so that a caller need not even queue.
    func peek() throws {
        guard self.hasFailures.load(ordering: .relaxed) else { return }
        let now = self.now
        var state = self.state.withLock { $0 }
        if case .refuse = state.request(at: now) { throw RedisError(.breakerOpen) }
    }

    /// Throws where the server is left in peace; where it does not, a connection must be tried.
    func check() throws {
        guard self.hasFailures.load(ordering: .relaxed) else { return }
        let now = self.now
        if case .refuse = self.state.withLock({ $0.request(at: now) }) { throw RedisError(.breakerOpen) }
    }

    /// A command was answered.
    func answered() {
        guard self.hasFailures.load(ordering: .relaxed) else { return }
        let now = self.now
        self.state.withLock { state in
            state.succeeded(at: now)
            self.hasFailures.store(false, ordering: .relaxed)
        }
    }

    /// A connection could not be opened.
    func openingFailed(_ error: any Error) {
        if let error = error as? RedisError, error.isOutage { self.failed() }
    }

    /// A command failed: the server's refusal is an answer, silence is not.
    func commandFailed(_ error: any Error) {
        guard let error = error as? RedisError else { return }
        switch error.code {
        case .timedOut, .connectionLost, .protocolViolation: self.failed()
        default: if error.serverPrefix != nil { self.answered() }
        }
    }

    private func failed() {
        let now = self.now
        self.state.withLock { state in
            state.failed(at: now, random: .random(in: 0...1))
            self.hasFailures.store(true, ordering: .relaxed)
        }
    }
}
