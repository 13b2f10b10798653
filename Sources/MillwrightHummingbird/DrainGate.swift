// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import Hummingbird
public import MillwrightHealth
public import ServiceLifecycle
import UnixSignals

/// Samples the health checks while the application runs, and holds its end back until the balancers have noticed.
///
/// At the first signal readiness fails at once while the server goes on serving; after `drain` the services before it are
/// told to stop. It must be the *last* service of its group, because a group stops the last one first.
public struct DrainGate: Service {
    private let engine: HealthEngine
    private let drain: Duration

    /// Creates the gate; `drain` should be longer than a balancer takes to notice (HAProxy: `inter` times `fall`).
    public init(_ engine: HealthEngine, drain: Duration = .seconds(8)) {
        self.engine = engine
        self.drain = drain
    }

    /// Samples until the group is told to stop, then drains.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.engine.run() }
            // Throws where the group is cancelled because another service failed: then there is nothing to wait for.
            try? await gracefulShutdown()
            self.engine.drain()
            try? await Task.sleep(for: self.drain)
            group.cancelAll()
        }
    }
}

extension ApplicationProtocol {
    /// Runs the application until SIGTERM or SIGINT, sampling its health checks, and drains before it stops.
    ///
    /// - Parameters:
    ///   - health: what was mounted on the router.
    ///   - drain: how long it goes on serving after the signal, while readiness already fails.
    public func runService(draining health: HealthHandler, for drain: Duration = .seconds(8)) async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [self, DrainGate(health.engine, drain: drain)],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: self.logger
            )
        )
        try await group.run()
    }
}
