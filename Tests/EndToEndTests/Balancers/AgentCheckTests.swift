// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("HAProxy's agent-check", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct AgentCheckTests {
    @Test("A server that drains by its agent is drained and not DOWN, and its next process is taken back in")
    func drainAndReturn() async throws {
        let (port, agent) = try (#require(LoopbackPort.free()), #require(LoopbackPort.free()))
        var file = try HAProxyTests.quickFile(ports: [port, 1])
        try file.replace("fall 3 rise 2", by: "fall 3 rise 2 agent-check agent-inter 200ms agent-port \(agent)")
        var plan = SandboxPlan()
        (plan.postgres, plan.redis, plan.haproxy) = (false, false, file.text)
        let app = try Self.app(port: port, agent: agent)
        let servers = try await TestServers.private(plan)
        let statistics = HAProxyStatistics(socket: try #require(servers.state["haproxy"]?.socket))
        try await statistics.wait(for: "app1", toBe: "UP")

        app.terminate()
        try await statistics.wait(for: "app1", toBe: "DRAIN (agent)")
        #expect(statistics.server("app1")?.check == "L7OK")
        #expect(statistics.server("app1")?.code == "200")

        app.terminate()
        #expect(try await app.finished().status == 0)
        try await statistics.wait(for: "app1", toBe: "DOWN")
        let next = try Self.app(port: port, agent: agent)
        try await statistics.wait(for: "app1", toBe: "UP")
        next.kill()
        try await servers.remove()
    }

    private static func app(port: Int, agent: Int) throws -> BuiltHost {
        let settings = ["health.drain_mode=agent", "server.agent=127.0.0.1:\(agent)"]
        let arguments = ["runserver", "--bind", "127.0.0.1:\(port)", "--drain", "1h"]
        return try BuiltHost(arguments + settings.flatMap { ["--set", $0] }, [:], program: "manage")
    }
}
