// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import Hummingbird
import HummingbirdCore
import Logging
public import MillwrightCommands
import MillwrightCore
import MillwrightHealth
import MillwrightToolkit
import NIOCore

/// Answers the health paths for a host that has no server of its own, until it is told to stop.
struct RunServer: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "runserver",
        abstract: "Answer the health paths over HTTP until told to stop.",
        discussion: """
            For hosts that have no server to mount them on. At SIGTERM readiness fails at once, and the server goes on \
            answering until the balancers must have noticed (--drain, by default what health.prober needs); then it stops \
            accepting, finishes what is in flight and ends with 0. A second signal skips what is left of the wait.
            """
    )

    @Option(help: ArgumentHelp("Where to listen: address:port, or unix:path.", valueName: "address"))
    var bind: String?

    @Option(help: ArgumentHelp("How long to go on serving after the signal, such as 8s.", valueName: "time"))
    var drain: String?

    func run(in context: CommandContext) async throws -> ExitCode {
        let (address, plan) = (try self.address(context.settings), try self.plan(context.settings))
        let logger = Self.logger(for: context)
        let health = try context.health(logger: logger)
        let agent = try self.agent(context.settings, health.engine)
        let app = Application(
            router: Router(context: PeerContext.self).mountMillwright(health),
            server: .guarded(by: ServerLimits(context.settings.server)),
            configuration: ApplicationConfiguration(address: address, limits: ServerLimits(context.settings.server)),
            onServerRunning: { context.say("Listening at \(Self.text(of: $0)).") },
            logger: Logger(label: "millwright") { _ in SwiftLogNoOpLogHandler() }
        )
        context.takeOverSignals()
        do {
            try await app.runService(draining: health, plan: plan, agent: agent, logger: logger)
        } catch let error as HealthAgent.CannotListen {
            throw Self.cannotListen(at: context.settings.server.agent ?? "", errno: error.errnoCode)
        } catch let error as IOError {
            throw Self.cannotListen(at: self.bind ?? context.settings.server.bind, errno: error.errnoCode)
        }
        return .ok
    }

    private func address(_ settings: Settings) throws -> BindAddress {
        let text = self.bind ?? settings.server.bind
        if let address = BindAddress(listening: text) { return address }
        throw ToolError(
            self.bind == nil ? .settings : .usage,
            tried: "Tried to read where to listen.",
            stopped: "`\(text)` is no address with a port, and no socket's path.",
            next: "Write it as in `127.0.0.1:8080`, `[::1]:8080` or `unix:/run/millwright.sock`."
        )
    }

    /// What the server and its checks tell, unless results alone are wanted (`-q`).
    private static func logger(for context: CommandContext) -> Logger {
        let (stream, isQuiet) = (context.stderr, context.globals.verbosity == 0)
        return Logger(label: "millwright") { _ in
            if isQuiet { return SwiftLogNoOpLogHandler() }
            return StreamLog(stream)
        }
    }

    private func agent(_ settings: Settings, _ engine: HealthEngine) throws -> HealthAgent? {
        guard let text = settings.server.agent else { return nil }
        if let agent = HealthAgent(engine, listening: text) { return agent }
        throw ToolError(
            .settings,
            tried: "Tried to read where to answer HAProxy's agent-check.",
            stopped: "`\(text)` is no address with a port.",
            next: "Write server.agent as in `127.0.0.1:9707`."
        )
    }

    private func plan(_ settings: Settings) throws -> DrainPlan {
        var plan = DrainPlan(settings)
        guard let text = self.drain else { return plan }
        guard let drain = Units.duration(text) else {
            throw ToolError(
                .usage,
                tried: "Tried to read --drain.",
                stopped: "`\(text)` is not a span of time.",
                next: "Write a number with a unit, such as `8s`."
            )
        }
        plan.drain = drain
        return plan
    }

    private static func text(of channel: any Channel) -> String {
        guard let address = channel.localAddress else { return "an unnamed socket" }
        guard let port = address.port else { return "unix:\(address.pathname ?? "")" }
        let host = address.ipAddress ?? ""
        return "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    private static func cannotListen(at address: String, errno code: CInt) -> ToolError {
        ToolError(
            .unavailable,
            tried: "Tried to listen at \(address).",
            stopped: "The system did not allow it: \(String(cString: strerror(code))).",
            next: "Stop what listens there, or choose another address."
        )
    }
}

extension BuiltInApps {
    /// `runserver`: a server for hosts that have none.
    public static let server = AppConfig(label: "server", title: "Server", commands: [RunServer.self])
}
