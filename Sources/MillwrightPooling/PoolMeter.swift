// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Metrics
public import MillwrightCore

/// A pool's metrics, made once.
@usableFromInline
final class PoolMeter: Sendable {
    /// Why a connection was opened: a label.
    @usableFromInline
    enum OpenReason: String, CaseIterable, Sendable {
        case demand, minimum, shared
    }

    private let inUse: Gauge
    private let idle: Gauge
    private let waiting: Gauge
    private let wait: Timer
    private let hold: Timer
    private let opened: [OpenReason: Counter]
    private let failedToOpen: Counter
    private let closed: [PoolCloseReason: Counter]
    private let sharedClosed: Counter
    private let refused: [PoolRefusal: Counter]
    private let breaker: Gauge

    /// `nil` where the host measures nothing: then the pool reads no clock for it either.
    init?(_ observation: PoolObservation, driver: String) {
        let factory = observation.metrics
        if factory is NOOPMetricsHandler { return nil }
        let labels = [("driver", driver), ("pool", observation.name)]
        func gauge(_ name: String) -> Gauge { Gauge(label: name, dimensions: labels, factory: factory) }
        func timer(_ name: String) -> Timer { Timer(label: name, dimensions: labels, factory: factory) }
        func counter(_ name: String, _ reason: String? = nil) -> Counter {
            Counter(label: name, dimensions: labels + (reason.map { [("reason", $0)] } ?? []), factory: factory)
        }
        func counters<Reason: RawRepresentable<String> & CaseIterable & Hashable>(_ name: String) -> [Reason: Counter] {
            Dictionary(uniqueKeysWithValues: Reason.allCases.map { ($0, counter(name, $0.rawValue)) })
        }
        self.inUse = gauge(PoolMetrics.inUse)
        self.idle = gauge(PoolMetrics.idle)
        self.waiting = gauge(PoolMetrics.waiting)
        self.wait = timer(PoolMetrics.wait)
        self.hold = timer(PoolMetrics.hold)
        self.opened = counters(PoolMetrics.opened)
        self.failedToOpen = counter(PoolMetrics.failedToOpen)
        self.closed = counters(PoolMetrics.closed)
        self.sharedClosed = counter(PoolMetrics.closed, OpenReason.shared.rawValue)
        self.refused = counters(PoolMetrics.refused)
        self.breaker = gauge(PoolMetrics.breaker)
    }

    @usableFromInline
    func show(_ state: PoolState) {
        self.inUse.record(state.inUse)
        self.idle.record(state.idle.count)
        self.waiting.record(state.waitingCount)
    }

    func show(_ standing: BreakerState.Standing) {
        let value =
            switch standing {
            case .closed: 0
            case .probing: 1
            case .open: 2
            }
        self.breaker.record(value)
    }

    func waited(since start: ContinuousClock.Instant) { self.wait.record(duration: .now - start) }
    @usableFromInline
    func held(since start: ContinuousClock.Instant) { self.hold.record(duration: .now - start) }
    func countOpened(_ reason: OpenReason) { self.opened[reason]?.increment() }
    func countFailedToOpen() { self.failedToOpen.increment() }
    func countClosed(_ reason: PoolCloseReason) { self.closed[reason]?.increment() }
    func count(_ event: SharedConnectionEvent) {
        switch event {
        case .opened: self.countOpened(.shared)
        case .failedToOpen: self.countFailedToOpen()
        case .closed: self.sharedClosed.increment()
        }
    }
    func countRefused(_ reason: PoolRefusal) { self.refused[reason]?.increment() }
}
