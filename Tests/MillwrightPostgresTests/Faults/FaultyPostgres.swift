// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres
import MillwrightTesting
import Testing

/// Lends a way of one's own to the PostgreSQL that all tests share, to be put through faults.
func withFaultyPostgres(
    _ body: (_ network: FaultProxy, _ configuration: PostgresConfiguration) async throws -> Void
) async throws {
    try await TestServers.shared().withFaults(on: "postgres") { postgres in
        try await body(postgres.network, testConfiguration(postgres.url()))
    }
}

/// The error of PostgreSQL that `body` throws.
func postgresError(
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async -> PostgresError? {
    await #expect(throws: PostgresError.self, sourceLocation: sourceLocation) { try await body() }
}

/// Comes back when `condition` holds, looking every few milliseconds; the test's time limit bounds it.
func until(_ condition: () async throws -> Bool) async throws {
    while try await !condition() { try await Task.sleep(for: .milliseconds(2)) }
}

/// That `body` takes no longer than its deadline and what a busy machine adds.
func expectWithin<Value>(
    _ limit: Duration,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Value
) async rethrows -> Value {
    let start = ContinuousClock.now
    let value = try await body()
    let took = ContinuousClock.now - start
    #expect(took < limit, sourceLocation: sourceLocation)
    return value
}
