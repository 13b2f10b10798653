// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Logging
import MillwrightHealth
import ServiceLifecycle

/// Runs a server and what belongs to it beside the sampling of its health, and ends them as `DrainState` decides.
struct DrainingServer: Sendable {
    let services: [any Service]
    let engine: HealthEngine
    let plan: DrainPlan
    let logger: Logger

    /// Runs until the server ends by itself, or in order after the first of `asks`; every further one shortens what is left.
    ///
    /// - Throws: what the server throws without being asked to end: its address is taken.
    func run<Asks: AsyncSequence & Sendable>(until asks: Asks) async throws where Asks.Failure == Never {
        let (events, feed) = AsyncStream.makeStream(of: DrainState.Event.self)
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: self.services, logger: self.logger))
        // No child of this task: a request that ignores its cancellation must not hold the process's end.
        let running = Task {
            defer { feed.yield(.ended) }
            try await group.run()
        }
        let wasAsked = await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await self.engine.run() }
            tasks.addTask { for await _ in asks { feed.yield(.asked) } }
            var state = DrainState(self.plan)
            var wasAsked = false
            for await event in events {
                for action in state.handle(event) {
                    wasAsked = true
                    self.log(action)
                    switch action {
                    case .failReadiness: self.engine.drain()
                    case .stopAccepting: await group.triggerGracefulShutdown()
                    case .abandonRequests: running.cancel()
                    case .wait(let time, let phase):
                        tasks.addTask {
                            try? await Task.sleep(for: time)
                            feed.yield(.timePassed(phase))
                        }
                    }
                }
                if state.phase == .over { break }
            }
            tasks.cancelAll()
            return wasAsked
        }
        // Asked to end, or cancelled from outside, there is nobody whom an error of the server would help.
        if wasAsked || Task.isCancelled { running.cancel() } else { try await running.value }
    }

    private func log(_ action: DrainState.Action) {
        switch action {
        case .failReadiness: self.logger.info("Draining: readiness fails, requests are served")
        case .stopAccepting: self.logger.info("No new connections; finishing the requests in flight")
        case .abandonRequests: self.logger.info("Abandoning the requests in flight")
        case .wait: break
        }
    }
}
