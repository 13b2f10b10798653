// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

package import MillwrightCore
import Synchronization

/// Whether a server is asked for a connection at all; shared by every client of that server in this process.
///
/// Without it each caller would wait for a frozen server as long as the configuration allows; with it the first few do.
@usableFromInline
package final class EndpointBreaker: Sendable {
    /// Which server; clients that see it differently, such as two drivers, have different ones.
    package struct Endpoint: Sendable, Hashable {
        let driver: String
        let address: String

        package init(driver: String, address: String) {
            self.driver = driver
            self.address = address
        }
    }

    /// What an outcome says about the server.
    @usableFromInline
    package enum News: Sendable, Hashable {
        /// It answered, be it with a refusal.
        case answered
        /// It did not.
        case outage
        /// Nothing: the caller gave up, or asked for something impossible.
        case none
    }

    private static let all = Mutex<[Endpoint: EndpointBreaker]>([:])

    private let state: Mutex<BreakerState>
    // Whether there is a failure to forget: an answer costs one read as long as there is none.
    private let hasFailures = Atomic<Bool>(false)
    private let start = ContinuousClock.now
    /// Where it is shown: by the pools that ask it, whoever it was that heard of the server.
    private let shown = Mutex<[Shown]>([])

    private struct Shown {
        weak var meter: PoolMeter?
    }

    package init(threshold: Int = 5, backoff: Backoff = Backoff(base: .milliseconds(500), cap: .seconds(10))) {
        self.state = Mutex(BreakerState(threshold: threshold, backoff: backoff))
    }

    /// The breaker of a server; the first client decides how patient it is.
    package static func of(_ endpoint: Endpoint, threshold: Int, backoff: Backoff) -> EndpointBreaker {
        self.all.withLock { all in
            if let breaker = all[endpoint] { return breaker }
            let breaker = EndpointBreaker(threshold: threshold, backoff: backoff)
            all[endpoint] = breaker
            return breaker
        }
    }

    /// How it stands.
    package var standing: BreakerState.Standing {
        self.hasFailures.load(ordering: .relaxed) ? self.state.withLock { $0.standing } : .closed
    }

    /// Whether the server is left in peace, so that a caller need not even queue.
    package var refuses: Bool {
        guard self.hasFailures.load(ordering: .relaxed) else { return false }
        let now = self.now
        var state = self.state.withLock { $0 }
        if case .refuse = state.request(at: now) { return true }
        return false
    }

    /// Whether a connection may be tried; where it may, it must be, for it can be the one that probes.
    package func admit() -> Bool {
        guard self.hasFailures.load(ordering: .relaxed) else { return true }
        let now = self.now
        if case .refuse = self.change({ $0.request(at: now) }) { return false }
        return true
    }

    /// Something was heard of the server, or not.
    package func heard(_ news: News) {
        switch news {
        case .none: break
        case .answered: self.answered()
        case .outage: self.failed()
        }
    }

    private func answered() {
        guard self.hasFailures.load(ordering: .relaxed) else { return }
        let now = self.now
        self.change { state in
            state.succeeded(at: now)
            self.hasFailures.store(false, ordering: .relaxed)
        }
    }

    private func failed() {
        let now = self.now
        self.change { state in
            state.failed(at: now, random: .random(in: 0...1))
            self.hasFailures.store(true, ordering: .relaxed)
        }
    }

    private var now: Duration { self.start.duration(to: .now) }

    // MARK: Meters

    /// Shows how it stands, now and whenever that changes, for as long as the meter lives.
    func show(on meter: PoolMeter) {
        self.shown.withLock { shown in
            shown.removeAll { $0.meter == nil }
            shown.append(Shown(meter: meter))
        }
        meter.show(self.standing)
    }

    private func change<Value>(_ decide: (inout BreakerState) -> Value) -> Value {
        let (value, hasChanged) = self.state.withLock { state in
            let before = state.standing
            let value = decide(&state)
            return (value, state.standing != before)
        }
        if hasChanged {
            let meters = self.shown.withLock { $0.compactMap(\.meter) }
            // As it stands by now: somebody may have changed it again.
            for meter in meters { meter.show(self.standing) }
        }
        return value
    }
}
