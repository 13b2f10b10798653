// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Waiting for the outside world, always with a limit.
enum Wait {
    /// Asks again and again, at short intervals, until the answer is yes; returns false when the limit came first.
    static func until(
        _ limit: Duration,
        every interval: Duration = .milliseconds(10),
        _ isTrue: () async throws -> Bool
    ) async throws -> Bool {
        let end = ContinuousClock.now + limit
        while true {
            if try await isTrue() { return true }
            if ContinuousClock.now >= end { return false }
            try await Task.sleep(for: interval)
        }
    }
}
