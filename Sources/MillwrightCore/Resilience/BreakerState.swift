// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Decides whether a request may go to a server that has been failing.
///
/// Closed, it lets everything pass. It opens after `threshold` failures in a row, or once requests have done nothing but
/// fail for `window`: the first rule is for a busy caller, the second for one whose every failure costs a long timeout.
/// Open, it refuses at once until the backoff has passed; then one request probes, and its end closes the breaker or opens
/// it for longer. It holds no lock, starts no task and reads no clock; times are spans since any fixed start.
public struct BreakerState: Sendable, Hashable {
    /// What the caller does with its request.
    public enum Decision: Sendable, Hashable {
        /// Send it.
        case allow
        /// Send it; it alone finds out whether the server is back, so its end must be reported.
        case probe
        /// Do not send it; it is worth asking again after this long.
        case refuse(retryAfter: Duration)
    }

    private enum Phase: Hashable {
        case closed(failures: Int, since: Duration)
        case open(until: Duration)
        case probing(until: Duration)
    }

    /// So many failures in a row open it.
    public let threshold: Int
    /// Nothing but failures for so long open it.
    public let window: Duration
    private let backoff: Backoff
    private var phase = Phase.closed(failures: 0, since: .zero)
    private var openings = 0

    /// Creates a closed breaker; `backoff` says how long it stays open the first time, the second, and so on.
    public init(threshold: Int = 5, window: Duration = .seconds(2), backoff: Backoff) {
        self.threshold = threshold
        self.window = window
        self.backoff = backoff
    }

    /// How a breaker stands, for statistics and metrics.
    public enum Standing: String, Sendable, Hashable, CaseIterable {
        /// Everything passes.
        case closed
        /// One request finds out whether the server is back.
        case probing
        /// Nothing passes.
        case open
    }

    /// How it stands.
    public var standing: Standing {
        switch self.phase {
        case .closed: .closed
        case .probing: .probing
        case .open: .open
        }
    }

    /// Whether it refuses ordinary requests.
    public var isOpen: Bool {
        if case .closed = self.phase { false } else { true }
    }

    /// A request wants to go.
    public mutating func request(at now: Duration) -> Decision {
        switch self.phase {
        case .closed:
            return .allow
        case .open(let end) where now < end, .probing(let end) where now < end:
            return .refuse(retryAfter: end - now)
        case .open, .probing:
            // A probe that was cancelled never reports, so its turn ends like an opening does.
            self.phase = .probing(until: now + self.backoff.delay(attempt: max(0, self.openings - 1), random: 0.5))
            return .probe
        }
    }

    /// A request came back with an answer, whatever the answer was.
    public mutating func succeeded(at now: Duration) {
        self.phase = .closed(failures: 0, since: now)
        self.openings = 0
    }

    /// A request failed or timed out; `random` from 0 to 1 spreads the clients' probes.
    public mutating func failed(at now: Duration, random: Double = 0.5) {
        switch self.phase {
        case .closed(let failures, let since):
            let first = failures == 0 ? now : since
            self.phase = .closed(failures: failures + 1, since: first)
            if failures + 1 >= self.threshold || (failures > 0 && now - first >= self.window) {
                self.open(at: now, random: random)
            }
        case .probing:
            self.open(at: now, random: random)
        case .open:
            // The last of those sent before it opened: no news.
            break
        }
    }

    private mutating func open(at now: Duration, random: Double) {
        self.phase = .open(until: now + self.backoff.delay(attempt: self.openings, random: random))
        self.openings += 1
    }
}
