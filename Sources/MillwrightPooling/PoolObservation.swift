// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import Metrics
public import Tracing

/// What a client's pool is called, and where it tells how it does.
///
/// Metrics go to the factory that the host bootstrapped; a pool made before that, or without, measures nothing. Spans are made
/// where the host hands in a tracer, and cost nothing otherwise.
///
/// ```swift
/// import Tracing
///
/// let quiet = PoolObservation("reports")
/// let traced = PoolObservation("erp", tracer: InstrumentationSystem.tracer)
/// ```
public struct PoolObservation: Sendable {
    /// The label `pool` of its metrics and spans: the alias in the settings, never a host's name.
    public var name: String
    /// Where metrics go.
    public var metrics: any MetricsFactory
    /// Who makes spans for opening a connection, waiting for one, and a statement; nobody where `nil`.
    public var tracer: (any Tracer)?

    /// Creates an observation; metrics go to the system's factory where none is given.
    public init(
        _ name: String = "default",
        metrics: any MetricsFactory = MetricsSystem.factory,
        tracer: (any Tracer)? = nil
    ) {
        self.name = name
        self.metrics = metrics
        self.tracer = tracer
    }
}
