// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import FoundationNetworking
import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("Rolling restarts under load", .enabled(if: TestServers.areAvailable), .serialized, .timeLimit(.minutes(3)))
struct RollingRestartTests {
    @Test("Behind HAProxy, at 50 requests a second, two servers are restarted in turn and no request fails")
    func haproxy() async throws {
        try await ERPPair.serving(prober: "haproxy inter 200ms fall 3 timeout 3s") { pair in
            var plan = SandboxPlan()
            (plan.postgres, plan.redis) = (false, false)
            plan.haproxy = try HAProxyTests.quickFile(ports: pair.ports).text
            let balancer = try await TestServers.private(plan)
            let statistics = HAProxyStatistics(socket: try #require(balancer.state["haproxy"]?.socket))
            for name in ["app1", "app2"] { try await statistics.wait(for: name, toBe: "UP") }

            let load = SteadyLoad(
                port: try #require(balancer.state["haproxy"]?.port),
                path: "/low-stock?limit=1",
                perSecond: 50
            )
            for number in [0, 1] {
                try await pair.restart(number)
                try await statistics.wait(for: "app\(number + 1)", toBe: "UP")
            }
            let outcome = await load.end()

            #expect(outcome.failures == [])
            #expect(outcome.requests > 100, "It was no load: \(outcome.requests) requests.")
            try await balancer.remove()
        }
    }

    @Test("Behind nginx, at 50 requests a second, two servers are restarted in turn and no request fails")
    func nginx() async throws {
        try await ERPPair.serving(prober: "nginx max_fails=1 fail_timeout=1s") { pair in
            var file = try BalancerFile("nginx.conf")
            try file.name(ports: pair.ports)
            try file.replace("fail_timeout=10s;", by: "fail_timeout=1s;")
            try file.replace(
                "proxy_pass http://app;",
                by: "proxy_pass http://app; add_header X-Served-By $upstream_addr;"
            )
            var plan = SandboxPlan()
            (plan.postgres, plan.redis, plan.nginx) = (false, false, file.text)
            let balancer = try await TestServers.private(plan)

            let port = try #require(balancer.state["nginx"]?.port)
            let load = SteadyLoad(
                port: port,
                path: "/low-stock?limit=1",
                perSecond: 50
            )
            for number in [0, 1] {
                try await pair.restart(number)
                // nginx leaves a server alone for fail_timeout after it has failed, and only its clock can tell.
                try await Self.wait(for: pair.ports[number], behind: port)
            }
            let outcome = await load.end()

            #expect(outcome.failures == [])
            #expect(outcome.requests > 100, "It was no load: \(outcome.requests) requests.")
            try await balancer.remove()
        }
    }

    /// Waits until a server behind nginx has answered; the test's time limit bounds it.
    private static func wait(for server: Int, behind balancer: Int) async throws {
        let url = try #require(URL(string: "http://127.0.0.1:\(balancer)/low-stock?limit=1"))
        while true {
            let answer = try? await URLSession.shared.data(from: url).1 as? HTTPURLResponse
            if answer?.value(forHTTPHeaderField: "X-Served-By")?.hasSuffix(":\(server)") == true { return }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
