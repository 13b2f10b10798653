// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import Hummingbird
public import MillwrightHealth
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
    /// - Throws: what the application throws before it is asked to end, such as an address that is taken.
    public func runService(draining health: HealthHandler, plan: DrainPlan = DrainPlan()) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let server = DrainingServer(server: self, engine: health.engine, plan: plan, logger: self.logger)
        try await server.run(until: signals)
    }
}
