// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import InMemoryTracing
import Metrics
import MetricsTestKit
import MillwrightCore
import MillwrightPooling
import MillwrightTesting
import Testing
import Tracing

@Suite("What a pool tells its host", .timeLimit(.minutes(1)))
struct ObservationTests {
    let server = ScriptedServer()
    let metrics = TestMetrics()
    private let labels = [("driver", "scripted"), ("pool", "erp")]

    private func pool(
        maximum: Int = 2,
        maximumWaiting: Int = 1,
        acquireTimeout: Duration = .seconds(30),
        idleTimeout: Duration? = nil,
        breaker: EndpointBreaker = EndpointBreaker(threshold: 1),
        tracer: InMemoryTracer? = nil
    ) -> ConnectionPool<ScriptedConnection> {
        var configuration = PoolConfiguration.test(
            maximum: maximum,
            maximumWaiting: maximumWaiting,
            acquireTimeout: acquireTimeout,
            idleTimeout: idleTimeout
        )
        configuration.observation = PoolObservation("erp", metrics: self.metrics, tracer: tracer)
        return self.server.pool(configuration, breaker: breaker)
    }

    private func gauge(_ name: String) throws -> Double? {
        try self.metrics.expectRecorder(name, self.labels).lastValue
    }

    private func count(_ name: String, reason: String) throws -> Int64 {
        try self.metrics.expectCounter(name, self.labels + [("reason", reason)]).totalValue
    }

    @Test("Gauges say what is in use, idle and waiting")
    func gauges() async throws {
        let pool = self.pool()
        let one = try await pool.acquire()
        let two = try await pool.acquire()
        let waiting = Task { try await pool.withConnection { _ in } }
        try await until { try self.gauge(PoolMetrics.waiting) == 1 }
        #expect(try self.gauge(PoolMetrics.inUse) == 2)

        await pool.release(one)
        try await waiting.value
        await pool.release(two)

        #expect(try self.gauge(PoolMetrics.inUse) == 0)
        #expect(try self.gauge(PoolMetrics.idle) == 2)
        #expect(try self.gauge(PoolMetrics.waiting) == 0)
    }

    @Test("Gauges say that a caller has left that waited too long, or was cancelled", arguments: [true, false])
    func leaving(isLate: Bool) async throws {
        let pool = self.pool(maximum: 1, acquireTimeout: isLate ? .milliseconds(20) : .seconds(30))
        let held = try await pool.acquire()
        let waiting = Task { try await pool.withConnection { _ in } }
        try await until { try self.gauge(PoolMetrics.waiting) == 1 }

        if !isLate { waiting.cancel() }
        await #expect(throws: (any Error).self) { try await waiting.value }

        #expect(try self.gauge(PoolMetrics.waiting) == 0)
        await pool.release(held)
    }

    @Test("Gauges say that idle connections were closed: evicted, with the pool, or because nobody used them")
    func closing() async throws {
        let evicted = self.pool()
        try await evicted.withConnection { _ in }
        await evicted.evictAll()
        #expect(try self.gauge(PoolMetrics.idle) == 0)

        let closed = self.pool()
        try await closed.withConnection { _ in }
        await closed.close()
        #expect(try self.gauge(PoolMetrics.idle) == 0)

        let idling = self.pool(idleTimeout: .milliseconds(20))
        try await idling.withConnection { _ in }
        try await until { try self.gauge(PoolMetrics.idle) == 0 }
        #expect(await idling.statistics.counts.closed == [.idle: 1])
    }

    @Test("Gauges say that a connection is being opened, and that it could not be")
    func opening() async throws {
        let pool = self.pool()
        self.server.keepWaiting()
        let opening = Task { try await pool.withConnection { _ in } }
        try await until { try self.gauge(PoolMetrics.inUse) == 1 && self.server.now.attempts == 1 }

        self.server.change { $0.isUp = false }
        self.server.letIn()
        await #expect(throws: ScriptedServer.Down.self) { try await opening.value }
        #expect(try self.gauge(PoolMetrics.inUse) == 0)
    }

    @Test("The breaker's gauge says what others have heard of the server, from the beginning")
    func sharedBreaker() async throws {
        let breaker = EndpointBreaker(threshold: 1, backoff: Backoff(base: .milliseconds(1), cap: .milliseconds(1)))
        let pool = self.pool(breaker: breaker)
        #expect(try self.gauge(PoolMetrics.breaker) == 0)

        breaker.heard(.outage)
        #expect(try self.gauge(PoolMetrics.breaker) == 2)
        try await until { breaker.admit() }
        #expect(try self.gauge(PoolMetrics.breaker) == 1)
        breaker.heard(.answered)

        #expect(try self.gauge(PoolMetrics.breaker) == 0)
        await pool.close()
    }

    @Test("Timers have one entry for each wait and each hold")
    func timers() async throws {
        let pool = self.pool()

        for _ in 0..<3 { try await pool.withConnection { await $0.use() } }

        #expect(try self.metrics.expectTimer(PoolMetrics.wait, self.labels).values.count == 3)
        #expect(try self.metrics.expectTimer(PoolMetrics.hold, self.labels).values.count == 3)
    }

    @Test("Connections are counted by why they were opened and why they were closed")
    func openedAndClosed() async throws {
        let pool = self.pool()

        try await pool.withConnection { await $0.hangUp() }
        try await pool.withConnection { _ in }
        await pool.close()

        #expect(try self.count(PoolMetrics.opened, reason: "demand") == 2)
        #expect(try self.count(PoolMetrics.closed, reason: "broken") == 1)
        #expect(try self.count(PoolMetrics.closed, reason: "shutdown") == 1)
        #expect(try self.count(PoolMetrics.closed, reason: "age") == 0)
    }

    @Test("Callers turned away are counted by why, failures to connect by themselves, and the breaker is a gauge")
    func refused() async throws {
        let pool = self.pool(maximum: 1, maximumWaiting: 0)
        let held = try await pool.acquire()
        _ = try? await pool.acquire()
        await held.connection.hangUp()
        await pool.release(held)
        self.server.change { $0.isUp = false }
        for _ in 0..<2 { _ = try? await pool.acquire() }

        #expect(try self.count(PoolMetrics.refused, reason: "full") == 1)
        #expect(try self.count(PoolMetrics.refused, reason: "breaker_open") == 1)
        #expect(try self.metrics.expectCounter(PoolMetrics.failedToOpen, self.labels).totalValue == 1)
        #expect(try self.gauge(PoolMetrics.breaker) == 2)
    }

    @Test("Spans stand for the wait and, in it, for the opening; a caller of an idle connection has no opening")
    func spans() async throws {
        let tracer = InMemoryTracer()
        let pool = self.pool(tracer: tracer)

        for _ in 0..<2 { try await pool.withConnection { _ in } }

        let spans = tracer.finishedSpans
        #expect(spans.map(\.operationName) == ["scripted connect", "scripted acquire", "scripted acquire"])
        #expect(spans[0].parentSpanID == spans[1].spanID)
        #expect(spans.allSatisfy { $0.attributes["db.client.connection.pool.name"]?.toSpanAttribute() == "erp" })
    }

    @Test("A span of a connection that could not be opened ends as an error")
    func failedSpan() async throws {
        let tracer = InMemoryTracer()
        let pool = self.pool(tracer: tracer)
        self.server.change { $0.isUp = false }

        _ = try? await pool.acquire()

        #expect(tracer.finishedSpans.map { $0.status?.code } == [.error, .error])
    }

    @Test("Where the host measures and traces nothing, nothing is timed")
    func unobserved() {
        #expect(!self.server.pool(.test()).isObserved)
        #expect(self.pool().isObserved)
    }
}
