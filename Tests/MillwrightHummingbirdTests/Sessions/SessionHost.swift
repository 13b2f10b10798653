// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Hummingbird
import Logging
import Migrations
import MillwrightCaching
import MillwrightCore
import MillwrightPostgres
import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting
import NIOCore

@testable import MillwrightHummingbird

/// A host with sessions over private servers, on a port of its own.
struct SessionHost: Sendable {
    let servers: TestServers
    let store: SessionStore
    let prober: Prober

    /// Runs it for as long as `body` runs.
    static func run(_ body: @Sendable @escaping (SessionHost) async throws -> Void) async throws {
        let servers = try await TestServers.private(SandboxPlan())
        try await MigrationRunner(PostgresConfiguration(servers.postgresURL)).migrate()
        let database = PostgresClient(PostgresConfiguration(servers.postgresURL))
        let register = PostgresClient(PostgresConfiguration(servers.postgresURL))
        let redis = RedisClient(try RedisConfiguration(servers.redisURL))
        let store = try SessionStore(
            SessionConfiguration(alias: CacheAlias("sessions", endpoint: "private", keyPrefix: "host")),
            database: database,
            register: register,
            redis: redis
        )
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        var host = Application(
            router: Self.router(store),
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in port.yield(channel.localAddress?.port ?? 0) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        host.addServices(SessionUpkeep(store))
        let application = host
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            for await port in ports {
                while !store.standing.usesCopy { try await Task.sleep(for: .milliseconds(5)) }
                try await body(SessionHost(servers: servers, store: store, prober: Prober(port: port)))
                break
            }
            group.cancelAll()
        }
        await database.close()
        await register.close()
        await redis.close()
        try await servers.remove()
    }

    private static func router(_ store: SessionStore) -> Router<SessionContext> {
        let router = Router(context: SessionContext.self)
        router.add(middleware: SessionMiddleware(store))
        router.get("who") { _, context in "\(context.session.user ?? "nobody") \(context.session.values.count)" }
        router.post("set/:key") { _, context in
            context.session[try context.parameters.require("key")] = .int(1)
            return "set"
        }
        router.post("broken") { _, context -> Response in
            context.session["broken"] = .int(1)
            return Response(status: .internalServerError)
        }
        router.post("refuse") { _, context -> Response in
            context.session["failures"] = .int(1)
            throw HTTPError(.unauthorized, message: "Not this password.")
        }
        router.post("promote") { _, context in
            context.session["role"] = .string("admin")
            context.session.renewID()
            return "more"
        }
        router.post("login") { _, context in
            context.session.logIn(user: "42")
            return "in"
        }
        router.post("logout") { _, context in
            context.session.logOut()
            return "out"
        }
        return router
    }

    /// Sends a request with a cookie, and returns the answer.
    func ask(_ line: String, cookie: String? = nil) async -> Answer? {
        let field = cookie.map { "Cookie: sessionid=\($0)\r\n" } ?? ""
        return await self.prober.ask(
            "\(line) HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\(field)\r\n"
        )
    }
}

extension Answer {
    /// The id that the answer's cookie holds.
    var sessionID: String? {
        self.fields["set-cookie"]?.split(separator: ";").first.map { String($0.dropFirst("sessionid=".count)) }
    }
}

struct SessionContext: SessionRequestContext {
    var coreContext: CoreRequestContextStorage
    var session = RequestSession()

    init(source: ApplicationRequestContextSource) { self.coreContext = .init(source: source) }
}
