// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightTesting
import Testing

@testable import MillwrightSandbox

@Suite("HAProxy and nginx", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct BalancerTests {
    @Test("Both serve on ports of their own, not as root, come back after they were killed, and leave nothing behind")
    func bothServe() async throws {
        var plan = SandboxPlan()
        plan.postgres = false
        plan.redis = false
        plan.haproxy = """
            global
                stats socket /run/haproxy/admin.sock
            defaults
                mode http
                timeout connect 1s
                timeout client 1s
                timeout server 1s
            frontend web
                bind :80
                http-request return status 200

            """
        plan.nginx = "server { listen 80; return 204; }\n"
        let servers = try await TestServers.private(plan)

        for (name, answer) in [("haproxy", "HTTP/1.1 200"), ("nginx", "HTTP/1.1 204")] {
            let server = try #require(servers.state[name])
            let port = try #require(server.port)
            let ask = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
            #expect(await Endpoint.port(port).answers(ask, with: answer))
            let pid = try #require(server.pid)
            let status = try #require(Files.read("/proc/\(pid)/status"))
            #expect(!status.contains("\nUid:\t0\t"))

            try await servers.server(name).kill()
            #expect(await !Endpoint.port(port).answers())
            try await servers.server(name).restart()
            #expect(await Endpoint.port(port).answers(ask, with: answer))
        }
        let pids = try await servers.sandbox.status().servers.compactMap(\.pid)
        try await servers.remove()
        #expect(pids.count == 2 && pids.allSatisfy { ProcessTable.stat($0)?.isAlive != true })
    }

    @Test("A configuration that HAProxy refuses is an error with its own words")
    func refused() async throws {
        var plan = SandboxPlan()
        plan.postgres = false
        plan.redis = false
        plan.haproxy = "globle\n"

        let error = await #expect(throws: SandboxError.self) { try await TestServers.private(plan) }

        #expect(error?.code == .startFailed)
        #expect(error?.stopped.contains("globle") == true, "\(String(describing: error))")
    }
}
