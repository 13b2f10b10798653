// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Synchronization

/// How the best set became better as time went on.
final class SearchHistory: Sendable {
    private let start: ContinuousClock.Instant
    private let timeout: Duration
    private let before: Double
    private let progress: @Sendable (IndexAdvisor.Progress) -> Void
    private let seen = Mutex<[(seconds: Double, total: Double)]>([])

    init(_ session: AdvisorSession) {
        self.start = session.start
        self.timeout = session.options.timeout
        self.before = max(
            zip(session.preparation.queries, session.weights).reduce(0) { $0 + $1.0.cost * $1.1 },
            .leastNormalMagnitude
        )
        self.progress = session.advisor.progress
    }

    func add(_ choice: Choice) {
        let elapsed = ContinuousClock.now - self.start
        self.seen.withLock { $0.append((elapsed / .seconds(1), choice.total)) }
        let left = choice.total / self.before
        self.progress(.init(step: "searching", share: min(1, elapsed / self.timeout), costLeft: left))
    }

    /// When each set was found, and the share of the cost that it leaves.
    var steps: [(seconds: Double, costLeft: Double)] {
        self.seen.withLock { $0 }.map { ($0.seconds, $0.total / self.before) }
    }
}
