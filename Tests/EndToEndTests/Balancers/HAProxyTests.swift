// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("Behind HAProxy", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct HAProxyTests {
    /// How a backend can be told to ask; the first is what `option httpchk` does by itself.
    private static let probes = [
        "OPTIONS / HTTP/1.0": "",
        "HEAD": "http-check send meth HEAD uri /readyz",
        "GET 1.0": "http-check send meth GET uri /health_check",
        "GET 1.1": "http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host app.example",
    ]

    @Test(
        "A server that is well is UP, one that drains is DOWN for its 503, however it is asked",
        arguments: Self.probes
    )
    func upAndDown(name: String, line: String) async throws {
        let port = try #require(LoopbackPort.free())
        let app = try BuiltHost(
            ["runserver", "--bind", "127.0.0.1:\(port)", "--drain", "1h"],
            [:],
            program: "manage"
        )
        var file = try Self.quickFile(ports: [port, 1])
        try file.replace("http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host app.example", by: line)
        var plan = SandboxPlan()
        (plan.postgres, plan.redis, plan.haproxy) = (false, false, file.text)
        let servers = try await TestServers.private(plan)
        let statistics = HAProxyStatistics(socket: try #require(servers.state["haproxy"]?.socket))

        try await statistics.wait(for: "app1", toBe: "UP")
        try await statistics.wait(for: "app2", toBe: "DOWN")
        app.terminate()
        try await statistics.wait(for: "app1", toBe: "DOWN")

        #expect(statistics.server("app1")?.check == "L7STS")
        #expect(statistics.server("app1")?.code == "503")
        app.terminate()
        #expect(try await app.finished().status == 0)
        try await servers.remove()
    }

    /// The documented configuration, asking ten times as often, and as long as a busy machine may take to answer.
    static func quickFile(ports: [Int]) throws -> BalancerFile {
        var file = try BalancerFile("haproxy.cfg")
        try file.name(ports: ports)
        try file.replace("default-server check inter 2s", by: "default-server check inter 200ms")
        try file.replace("timeout check 1s", by: "timeout check 5s")
        return file
    }
}
