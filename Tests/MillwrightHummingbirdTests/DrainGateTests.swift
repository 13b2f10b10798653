// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Hummingbird
import Logging
import MillwrightHealth
import ServiceLifecycle
import Testing

@testable import MillwrightHummingbird

@Suite("Drain gate", .timeLimit(.minutes(1)))
struct DrainGateTests {
    @Test("At the signal readiness fails at once, while the service before the gate goes on until the drain is over")
    func drains() async throws {
        let engine = HealthEngine([])
        let (events, log) = AsyncStream.makeStream(of: String.self)
        let server = Recording(log: log)
        let group = ServiceGroup(
            services: [server, DrainGate(engine, drain: .milliseconds(200))],
            logger: Logger(label: "test")
        )
        let running = Task { try await group.run() }
        var iterator = events.makeAsyncIterator()
        #expect(await iterator.next() == "running")

        let begun = ContinuousClock.now
        await group.triggerGracefulShutdown()
        while engine.snapshot().phase != .draining { await Task.yield() }
        let drainedAfter = ContinuousClock.now - begun
        #expect(await iterator.next() == "stopping")
        let stoppedAfter = ContinuousClock.now - begun
        try await running.value

        #expect(drainedAfter < .milliseconds(150))
        #expect(stoppedAfter >= .milliseconds(200))
    }
}

/// A service that says when it runs and when it is told to stop.
private struct Recording: Service {
    let log: AsyncStream<String>.Continuation

    func run() async throws {
        self.log.yield("running")
        try await gracefulShutdown()
        self.log.yield("stopping")
    }
}
