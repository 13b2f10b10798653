// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Hummingbird
import Logging
import MillwrightHealth
import NIOCore
import Testing

@testable import MillwrightHummingbird

@Suite("Health paths on Hummingbird", .timeLimit(.minutes(1)))
struct HealthMiddlewareTests {
    @Test(
        "Every method, version and noise gets the same status, before the host's middleware and catch-all route",
        arguments: HealthFace.fixed
    )
    func probers(face: HealthFace) async throws {
        try await withHost(try HealthEngine([])) { prober in
            let requests = [
                "GET \(face.path) HTTP/1.1\r\nHost: x\r\n\r\n", "HEAD \(face.path) HTTP/1.1\r\nHost: x\r\n\r\n",
                "OPTIONS \(face.path) HTTP/1.1\r\n\r\n", "GET \(face.path) HTTP/1.0\r\n\r\n",
                "HEAD \(face.path)/ HTTP/1.0\r\n\r\n", "GET \(face.path)?x=/y HTTP/1.1\r\nAccept: image/png\r\n\r\n",
            ]
            for request in requests {
                let answer = try #require(await prober.ask(request))
                #expect(answer.status == 200, "\(request)")
                #expect(answer.fields["cache-control"] == "no-store")
                #expect(answer.fields["set-cookie"] == nil)
                #expect(answer.body.isEmpty == request.hasPrefix("HEAD"))
            }
            let post = "POST \(face.path) HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
            #expect(await prober.ask(post)?.status == 405)
            #expect(await prober.ask("GET /orders HTTP/1.1\r\nHost: x\r\n\r\n")?.status == 403)
        }
    }

    @Test("HAProxy's plain OPTIONS / is answered, and fails once the node drains")
    func haproxy() async throws {
        let engine = try HealthEngine([])

        try await withHost(engine) { prober in
            #expect(await prober.ask("OPTIONS / HTTP/1.0\r\n\r\n")?.status == 200)
            engine.drain()
            #expect(await prober.ask("OPTIONS / HTTP/1.0\r\n\r\n")?.status == 503)
            #expect(await prober.ask("GET /livez HTTP/1.0\r\n\r\n")?.status == 200)
        }
    }

    @Test("A trusted network is told details where the host's context knows the other end")
    func details() async throws {
        let access = DetailAccess(trustedNetworks: [TrustedNetwork("127.0.0.0/8")].compactMap { $0 })

        try await withHost(try HealthEngine([MemoryHealth()]), access: access) { prober in
            #expect(await prober.ask("GET /health_check HTTP/1.0\r\n\r\n")?.body.contains(#""memory":{"#) == true)
        }
    }
}

/// Runs a host with a log-in wall and a catch-all route on a port of its own, for as long as `body` runs.
private func withHost(
    _ engine: HealthEngine,
    access: DetailAccess = .nobody,
    _ body: @Sendable @escaping (Prober) async throws -> Void
) async throws {
    let router = Router(context: AddressedContext.self)
    router.mountMillwright(HealthHandler(engine, access: access))
    router.add(middleware: Refusing())
    router.get("orders") { _, _ in "orders" }
    router.get("**") { _, _ in "everything else" }
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let host = Application(
        router: router,
        configuration: .init(address: .hostname("127.0.0.1", port: 0)),
        onServerRunning: { channel in port.yield(channel.localAddress?.port ?? 0) },
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
    await engine.sample()
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await host.run() }
        for await port in ports {
            try await body(Prober(port: port))
            break
        }
        group.cancelAll()
    }
}

/// A context that knows the other end of the connection.
private struct AddressedContext: RequestContext, RemoteAddressRequestContext {
    var coreContext: CoreRequestContextStorage
    let remoteAddress: SocketAddress?

    init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
        self.remoteAddress = source.channel.remoteAddress
    }
}

/// A host's own middleware that lets nobody in, like a log-in wall.
private struct Refusing: RouterMiddleware {
    func handle(
        _ request: Request,
        context: AddressedContext,
        next: (Request, AddressedContext) async throws -> Response
    ) async throws -> Response {
        throw HTTPError(.forbidden)
    }
}
