// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Synchronization

@testable import MillwrightHealth

/// A check that does what its test says, and counts its runs.
final class ScriptedCheck: HealthCheck {
    let name: String
    let criticality: HealthCriticality
    let schedule: HealthSchedule
    private let body: @Sendable () async throws -> HealthResult
    private let count = Atomic(0)

    var runs: Int { self.count.load(ordering: .relaxed) }

    init(
        _ name: String,
        criticality: HealthCriticality = .degrading,
        schedule: HealthSchedule = HealthSchedule(deadline: .seconds(30)),
        body: @escaping @Sendable () async throws -> HealthResult = { .pass() }
    ) {
        self.name = name
        self.criticality = criticality
        self.schedule = schedule
        self.body = body
    }

    func run() async throws -> HealthResult {
        self.count.add(1, ordering: .relaxed)
        return try await self.body()
    }
}

extension HealthSchedule {
    /// For a check that is meant to be late; others get time enough for any machine.
    static let hasty = HealthSchedule(deadline: .milliseconds(50))
}

/// A gate that a check waits at, deaf to its cancellation, until the test opens it.
final class DeafGate: Sendable {
    private let waiters = Mutex<[CheckedContinuation<Void, Never>]?>([])

    func wait() async {
        await withCheckedContinuation { waiter in
            let isOpen = self.waiters.withLock { waiters in
                waiters?.append(waiter)
                return waiters == nil
            }
            if isOpen { waiter.resume() }
        }
    }

    func open() {
        let waiting = self.waiters.withLock { waiters in
            defer { waiters = nil }
            return waiters ?? []
        }
        for waiter in waiting { waiter.resume() }
    }
}
