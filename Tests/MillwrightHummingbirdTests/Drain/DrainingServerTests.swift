// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Logging
import MillwrightHealth
import ServiceLifecycle
import Testing

@testable import MillwrightHummingbird

@Suite("Draining server", .timeLimit(.minutes(1)))
struct DrainingServerTests {
    @Test("Readiness fails at the signal, the server is told to stop only when the drain is over, and liveness stays")
    func drains() async throws {
        let engine = try HealthEngine([])
        let stage = Stage(engine, DrainPlan(drain: .milliseconds(200)))
        var events = stage.events.makeAsyncIterator()
        async let end: Void = stage.run()
        #expect(await events.next() == .running)

        let begun = ContinuousClock.now
        stage.ask()
        while !engine.isDraining { await Task.yield() }
        #expect(engine.snapshot().status(of: .readyz) == .fail)
        #expect(engine.snapshot().status(of: .livez) == .pass)
        #expect(await events.next() == .stopping)
        try await end

        #expect(ContinuousClock.now - begun >= .milliseconds(200))
    }

    @Test("A second signal ends a drain that would have taken an hour")
    func shortened() async throws {
        let stage = Stage(try HealthEngine([]), DrainPlan(drain: .seconds(3600)))
        var events = stage.events.makeAsyncIterator()
        async let end: Void = stage.run()
        #expect(await events.next() == .running)

        stage.ask()
        stage.ask()

        #expect(await events.next() == .stopping)
        try await end
    }

    @Test("A request that ignores its cancellation does not hold the process's end")
    func stubborn() async throws {
        let stage = Stage(try HealthEngine([]), DrainPlan(drain: .zero, finish: .zero), isStubborn: true)
        var events = stage.events.makeAsyncIterator()
        async let end: Void = stage.run()
        #expect(await events.next() == .running)

        for _ in 0..<4 { stage.ask() }

        try await end
        stage.release()
    }

    @Test("What keeps a server from starting is thrown")
    func failing() async throws {
        let server = DrainingServer(
            services: [Failing()],
            engine: try HealthEngine([]),
            plan: DrainPlan(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )

        await #expect(throws: Failing.Failure.self) { try await server.run(until: AsyncStream<Void> { _ in }) }
    }
}

/// A server that only says what it does, and the signals for it.
private struct Stage: Sendable {
    enum Event { case running, stopping }

    let events: AsyncStream<Event>
    private let server: DrainingServer
    private let asks: (stream: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation)
    private let held: (stream: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation)

    init(_ engine: HealthEngine, _ plan: DrainPlan, isStubborn: Bool = false) {
        let (events, log) = AsyncStream.makeStream(of: Event.self)
        let held = AsyncStream.makeStream(of: Void.self)
        self.events = events
        self.asks = AsyncStream.makeStream(of: Void.self)
        self.held = held
        self.server = DrainingServer(
            services: [Recording(log: log, held: isStubborn ? held.stream : nil)],
            engine: engine,
            plan: plan,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    func run() async throws { try await self.server.run(until: self.asks.stream) }
    func ask() { self.asks.continuation.yield() }
    func release() { self.held.continuation.finish() }
}

/// A service that says when it runs and when it is told to stop, and then may hang.
private struct Recording: Service {
    let log: AsyncStream<Stage.Event>.Continuation
    let held: AsyncStream<Void>?

    func run() async throws {
        self.log.yield(.running)
        try await gracefulShutdown()
        self.log.yield(.stopping)
        guard let held else { return }
        // A task of its own does not notice that its creator was cancelled.
        await Task { for await _ in held {} }.value
    }
}

private struct Failing: Service {
    struct Failure: Error {}

    func run() async throws { throw Failure() }
}
