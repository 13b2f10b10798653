// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCommands
import MillwrightCore
import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("health_check", .timeLimit(.minutes(2)))
struct HealthCheckTests {
    private static func environment(_ servers: TestServers) -> [String: String] {
        ["DATABASE_URL": servers.postgresURL, "REDIS_URL": servers.redisURL]
    }

    @Test("Servers that answer pass, in the schema that HTTP has")
    func pass() async throws {
        let environment = Self.environment(try await TestServers.shared())

        let text = await run("health_check", environment: environment)
        let json = await run("health_check", "--format", "json", environment: environment)

        #expect(text.code == .ok && text.stdout.contains("database"))
        #expect(json.code == .ok && json.stderr.isEmpty)
        #expect(json.stdout.contains(#""schema": "https://millwright.dev/schema/health/v1""#))
        #expect(json.stdout.contains(#""cache": {"#) && json.stdout.contains(#""usage_percent":"#))
    }

    @Test("Frozen servers cost one bounded look; the node warns, and --fail-on warn makes it fail")
    func frozen() async throws {
        let servers = try await TestServers.private(SandboxPlan())
        for name in ["postgres", "redis"] { try await servers.server(name).stop() }
        let environment = Self.environment(servers)

        let begun = ContinuousClock.now
        let lenient = await run("health_check", "--format", "json", environment: environment)
        let took = ContinuousClock.now - begun
        let strict = await run("health_check", "--fail-on", "warn", environment: environment)

        #expect(took < .seconds(2))
        #expect(lenient.code == .ok && lenient.stdout.contains(#""status": "warn""#))
        #expect(strict.code == .notWell && strict.stdout.contains("fail"))
        for name in ["postgres", "redis"] { try await servers.server(name).continue() }
        try await servers.remove()
    }

    @Test("--timeout bounds it, whatever the settings allow a check")
    func bounded() async throws {
        let servers = try await TestServers.private(.redisOnly)
        try await servers.server("redis").stop()

        let ran = await run(
            "health_check",
            "--timeout",
            "200ms",
            "--set",
            "health.check_timeout=30s",
            environment: ["REDIS_URL": servers.redisURL]
        )

        #expect(ran.code == .unavailable && ran.stderr.contains("running the health checks"))
        try await servers.server("redis").continue()
        try await servers.remove()
    }

    @Test("A password of servers that are not there is shown nowhere, in no form")
    func secrets() async {
        let environment = [
            "DATABASE_URL": "postgres://app:s3cr%40t%2F%25%20x@127.0.0.1:1/erp",
            "REDIS_URL": "redis://:s3cr%40t%2F%25%20x@127.0.0.1:1",
        ]

        for format in ["text", "json", "html"] {
            let ran = await run("health_check", "--traceback", "--format", format, environment: environment)
            let shown = ran.stdout + ran.stderr
            #expect(shown.contains("fail") && !shown.contains("s3cr"))
            #expect(!shown.contains("127.0.0.1"))
        }
    }
}
