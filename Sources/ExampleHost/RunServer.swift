// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Hummingbird
import Logging
import Millwright
import MillwrightHummingbird

/// Serves the ERP and Millwright's health paths until it is told to stop.
struct RunServer: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "runserver",
        abstract: "Serve the ERP over HTTP.",
        discussion: "At SIGTERM readiness fails first; the server stops when health.drain is over."
    )

    @Option(help: "The address to listen at.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen at; 0 takes any free one.")
    var port = 8000

    func run(in context: CommandContext) async throws -> ExitCode {
        // Before the health checks, which tell how the sessions stand where there are any.
        let sessions = context.settings.sessions == nil ? nil : try context.toolkit.sessions()
        let health = try context.health(logger: Logger(label: "erp.health"))
        let router = Router(context: ERPRequestContext.self)
        router.mountMillwright(health)
        if let sessions, let settings = context.settings.sessions {
            router.add(middleware: SessionMiddleware(sessions, cookie: SessionCookie(settings)))
            router.addRoutes(CartRoutes().endpoints)
        }
        router.addRoutes(LowStockRoutes(stock: LowStock(database: try context.database())).endpoints)

        let limits = ServerLimits(context.settings.server)
        var app = Application(
            router: router,
            server: .guarded(by: limits),
            configuration: .init(address: .hostname(self.host, port: self.port), limits: limits)
        )
        if let sessions { app.addServices(SessionUpkeep(sessions)) }
        context.takeOverSignals()
        try await app.runService(draining: health, plan: DrainPlan(context.settings))
        return .ok
    }
}
