// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("Last server standing", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct LastInFarmTests {
    @Test("When the database that all share freezes, one server of the farm stays in and the other goes out")
    func oneStays() async throws {
        let database = try await TestServers.private(.postgresOnly)
        let ports = try [#require(LoopbackPort.free()), #require(LoopbackPort.free())]
        let apps = try ports.map { try Self.app(port: $0, database: database.postgresURL) }
        var plan = SandboxPlan()
        // HAProxy asks the two half an interval apart, and each must hear of the other in between: that takes long where others are busy.
        var file = try HAProxyTests.quickFile(ports: ports)
        try file.replace("check inter 200ms", by: "check inter 1s")
        (plan.postgres, plan.redis, plan.haproxy) = (false, false, file.text)
        let balancer = try await TestServers.private(plan)
        let statistics = HAProxyStatistics(socket: try #require(balancer.state["haproxy"]?.socket))
        for name in ["app1", "app2"] { try await statistics.wait(for: name, toBe: "UP") }

        try await database.server("postgres").stop()
        let wentOut = try await Self.wait { statistics.downCount == 1 }
        // Six more checks of each: what decides is that the last one never goes.
        var fewest = 2
        for _ in 0..<120 {
            fewest = min(fewest, 2 - statistics.downCount)
            try await Task.sleep(for: .milliseconds(50))
        }
        try await database.server("postgres").continue()
        let cameBack = try await Self.wait { statistics.downCount == 0 }

        #expect(wentOut)
        #expect(fewest == 1)
        #expect(cameBack)
        for app in apps { app.kill() }
        try await balancer.remove()
        try await database.remove()
    }

    private static func app(port: Int, database: String) throws -> BuiltHost {
        let settings = [
            "health.prober=haproxy inter 1s fall 3 timeout 3s", "health.balancers=127.0.0.1",
            "health.interval=200ms",
            "health.checks.database.criticality=shared",
        ]
        let arguments = ["runserver", "--bind", "127.0.0.1:\(port)"] + settings.flatMap { ["--set", $0] }
        return try BuiltHost(arguments, ["DATABASE_URL": database], program: "manage")
    }

    private static func wait(until isTrue: () -> Bool) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(30)
        while !isTrue() {
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: .milliseconds(20))
        }
        return true
    }
}

extension HAProxyStatistics {
    /// How many of the two servers take no requests.
    fileprivate var downCount: Int {
        ["app1", "app2"].filter { self.server($0)?.status.hasPrefix("DOWN") == true }.count
    }
}
