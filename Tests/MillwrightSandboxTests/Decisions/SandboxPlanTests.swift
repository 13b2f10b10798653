// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightSandbox

@Suite("Plans and records of a sandbox")
struct SandboxPlanTests {
    @Test("A plan names its servers in the order in which they are started")
    func order() {
        var plan = SandboxPlan()
        plan.standby = true
        plan.pgbouncer = true
        plan.redisReplicas = 1
        plan.sentinels = 3

        #expect(
            plan.serverNames == [
                "postgres", "standby", "pgbouncer", "redis", "redis-replica-1", "sentinel-1", "sentinel-2",
                "sentinel-3",
            ]
        )
    }

    @Test("A standby brings its primary, a Sentinel brings a Redis with a port")
    func completion() {
        var plan = SandboxPlan()
        plan.postgres = false
        plan.redis = false
        #expect(plan.serverNames == [])

        plan.standby = true
        plan.sentinels = 1

        #expect(plan.serverNames == ["postgres", "standby", "redis", "sentinel-1"])
        #expect(plan.completed.redisPort == 0)
        #expect(SandboxPlan().completed.redisPort == nil)
    }

    @Test(
        "A server's name tells its kind",
        arguments: [
            ("postgres", ServerKind.postgres), ("sentinel-12", .sentinel), ("redis-replica-1", .redisReplica),
            ("redis-replica", .redisReplica), ("lost+found", nil), ("-1", nil), ("7", nil),
        ] as [(String, ServerKind?)]
    )
    func kinds(name: String, kind: ServerKind?) {
        #expect(ServerKind(serverName: name) == kind)
    }

    @Test("A record keeps the order of starting, whatever the order of its changes")
    func recordOrder() {
        var record = SandboxRecord()
        for name in ["sentinel-1", "redis", "nonsense", "standby", "postgres"] { record.update(name) { _ in } }
        record.update("redis") { $0.port = 7 }

        #expect(record.servers.map(\.name) == ["postgres", "standby", "redis", "sentinel-1"])
        #expect(record["redis"]?.port == 7)
    }

    @Test("The newest PostgreSQL comes first, by number and not by letter")
    func newestFirst() {
        let folders = ["/usr/lib/postgresql/9.6/bin", "/usr/lib/postgresql/15/bin", "/usr/pgsql-17/bin"]

        #expect(
            InstalledPrograms.newestFirst(folders) == [
                "/usr/pgsql-17/bin", "/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/9.6/bin",
            ]
        )
    }
}
