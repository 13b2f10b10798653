// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import Glibc
import Hummingbird
import Logging
import MillwrightHealth
import Testing

@testable import MillwrightHummingbird

@Suite("Server limits", .timeLimit(.minutes(1)))
struct ServerLimitsTests {
    /// Limits whose heads may take long, but where they are to be late.
    private static func limits(headerTimeout: Duration = .seconds(30)) -> ServerLimits {
        ServerLimits(
            headerTimeout: headerTimeout,
            idleTimeout: .seconds(30),
            maximumHeaderBytes: 4096,
            maximumConnections: 2
        )
    }

    @Test(
        "A client that sends its head byte by byte, or nothing, is cut off when the head's time is over",
        arguments: [nil, "GET /livez HTTP/1.1\r\nX-Slow: "]
    )
    func slowHead(start: String?) async throws {
        try await withGuardedHost(Self.limits(headerTimeout: .milliseconds(300))) { port in
            let begun = ContinuousClock.now
            let wasCut = await SlowClient(port: port).trickle(after: start, untilCutWithin: .seconds(20))

            #expect(wasCut)
            #expect(ContinuousClock.now - begun >= .milliseconds(290))
        }
    }

    @Test("A connection that is kept alive may rest for longer than a head may take, and its next head may not")
    func keptAlive() async throws {
        // The first head, too, must come in time on a busy machine.
        try await withGuardedHost(Self.limits(headerTimeout: .seconds(2))) { port in
            let client = SlowClient(port: port)
            let ask = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"

            let (rested, wasCut) = await client.restThenTrickle(ask: ask, resting: .seconds(3))

            #expect(rested)
            #expect(wasCut)
        }
    }

    @Test("A head that is larger than allowed is answered with 400 and the connection ends")
    func hugeHead() async throws {
        try await withGuardedHost(Self.limits()) { port in
            let prober = Prober(port: port)
            let fits = String(repeating: "a", count: 3000)
            let exceeds = String(repeating: "a", count: 5000)

            #expect(await prober.ask("GET /livez HTTP/1.1\r\nHost: x\r\nX-Big: \(fits)\r\n\r\n")?.status == 200)
            #expect(await prober.ask("GET /livez HTTP/1.1\r\nHost: x\r\nX-Big: \(exceeds)\r\n\r\n")?.status == 400)
        }
    }

    @Test("With all connections taken by slow clients, a prober is answered as soon as the first of them is cut off")
    func allTaken() async throws {
        // The prober's own head must come in time on a busy machine.
        try await withGuardedHost(Self.limits(headerTimeout: .seconds(1))) { port in
            async let slow = (
                SlowClient(port: port).trickle(after: "GET /", untilCutWithin: .seconds(20)),
                SlowClient(port: port).trickle(after: "GET /", untilCutWithin: .seconds(20))
            )

            let answer = await Prober(port: port).ask("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")

            #expect(answer?.status == 200)
            #expect(await slow == (true, true))
        }
    }

    @Test("While the node drains, every answer closes its connection, the host's own included")
    func closing() async throws {
        let engine = try HealthEngine([])
        try await withGuardedHost(Self.limits(), engine) { port in
            let requests = ["/livez", "/hello"].map { "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n" }
            for request in requests { #expect(await Prober(port: port).ask(request)?.fields["connection"] == nil) }

            engine.drain()

            for request in requests { #expect(await Prober(port: port).ask(request)?.fields["connection"] == "close") }
            #expect(await Prober(port: port).ask(requests[1])?.status == 200)
        }
    }
}

/// Runs a host with limits on a port of its own, for as long as `body` runs.
private func withGuardedHost(
    _ limits: ServerLimits,
    _ engine: HealthEngine? = nil,
    _ body: @Sendable @escaping (Int) async throws -> Void
) async throws {
    let router = Router().mountMillwright(HealthHandler(try engine ?? HealthEngine([])))
    router.get("hello") { _, _ in "hello" }
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let host = Application(
        router: router,
        server: .guarded(by: limits),
        configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0), limits: limits),
        onServerRunning: { channel in port.yield(channel.localAddress?.port ?? 0) },
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await host.run() }
        for await port in ports {
            try await body(port)
            break
        }
        group.cancelAll()
    }
}
