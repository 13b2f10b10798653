// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import Hummingbird
public import Logging
public import MillwrightHealth
import ServiceLifecycle
import UnixSignals

extension ApplicationProtocol {
    /// Runs the application until SIGTERM or SIGINT, sampling its health checks, and drains before it stops.
    ///
    /// At the first signal readiness fails at once, and every answer closes its connection, while requests are served as
    /// before. After `plan.drain` it accepts no more, and requests in flight have `plan.finish` to end; services that were
    /// added to the application end last. Each further signal skips what is left of the present part.
    ///
    /// - Parameters:
    ///   - health: what was mounted on the router.
    ///   - plan: how long each part of the end may take.
    ///   - agent: answers HAProxy's `agent-check` until the last request has ended; nobody does where `nil`.
    ///   - logger: told of each part of the end at `info`; the application's own where `nil`.
    /// - Throws: what the application throws before it is asked to end, such as an address that is taken.
    public func runService(
        draining health: HealthHandler,
        plan: DrainPlan = DrainPlan(),
        agent: HealthAgent? = nil,
        logger: Logger? = nil
    ) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        // They end in turn, the last one first.
        let services: [any Service] = (agent.map { [$0] } ?? []) + [self]
        let server = DrainingServer(
            services: services,
            engine: health.engine,
            plan: plan,
            logger: logger ?? self.logger
        )
        try await server.run(until: signals)
    }
}
