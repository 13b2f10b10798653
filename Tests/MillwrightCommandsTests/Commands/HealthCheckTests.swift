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

        // That both come back is the proof that they wait for nobody: the servers stay frozen until they do.
        let lenient = await run("health_check", "--format", "json", environment: environment)
        let strict = await run("health_check", "--fail-on", "warn", environment: environment)

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

    @Test("What JSON shows keeps to the published schema, well and ill")
    func schema() async throws {
        let schema = try JSONSchema(published: "health-v1")
        let well = Self.environment(try await TestServers.shared())
        let down = ["DATABASE_URL": "postgres://app@127.0.0.1:1/erp", "REDIS_URL": "redis://127.0.0.1:1"]

        for environment in [well, down] {
            let ran = await run("health_check", "--format", "json", environment: environment)
            #expect(try schema.problems(in: ran.stdout) == [])
            #expect(ran.stdout.contains(#""looked": "itself""#))
        }
    }

    @Test("Details are shown when asked for, and who looked always is")
    func detailed() async throws {
        let environment = Self.environment(try await TestServers.shared())

        let brief = await run("health_check", environment: environment)
        let detailed = await run("health_check", "--detailed", environment: environment)

        #expect(brief.stdout.contains("this process itself") && !brief.stdout.contains("usage_percent"))
        #expect(detailed.stdout.contains("this process itself") && detailed.stdout.contains("usage_percent"))
    }

    @Test("A group shows its members only, and an unknown one names the nearest")
    func groups() async throws {
        let environment = Self.environment(try await TestServers.shared())
        let set = "health.groups.shop=cache,memory"

        let shop = await run("health_check", "--group", "shop", "--set", set, environment: environment)
        let typo = await run("health_check", "--group", "shp", "--set", set, environment: environment)

        #expect(shop.code == .ok && shop.stdout.contains("cache") && !shop.stdout.contains("disk"))
        #expect(typo.code == .usage && typo.stderr.contains("`shop`"))
    }

    @Test(
        "Wrong checks, groups and statuses are refused before anything runs, with 78 and their name",
        arguments: [
            ("health.groups.shop=cache,cahce", "`cahce`"), ("health.checks.memry.warn=80%", "memry"),
            ("health.checks.memory.warm=80%", "warm"), ("health.status_codes.pass=200", "`warn`"),
            ("health.groups.livez=memory", "`livez`"), ("health.checks.cache.criticality=deadly", "deadly"),
        ]
    )
    func refused(setting: String, word: String) async throws {
        let environment = Self.environment(try await TestServers.shared())

        let ran = await run("health_check", "--set", setting, environment: environment)

        #expect(ran.code == .settings && ran.stdout.isEmpty && ran.stderr.contains(word), "\(ran.stderr)")
    }

    @Test("Monitoring plugins get their line and their codes, also where nobody answers")
    func nagios() async throws {
        let down = ["DATABASE_URL": "postgres://app@127.0.0.1:1/erp"]

        let warning = await run("health_check", "--exit-style", "nagios", environment: down)
        let unknown = await run(
            "health_check",
            "--exit-style",
            "nagios",
            "--url",
            "http://127.0.0.1:1",
            environment: down
        )

        // The machine's own load may stand in the line, too.
        #expect(warning.code.rawValue == 1 && warning.stdout.hasPrefix("HEALTH WARNING - "))
        #expect(warning.stdout.contains("postgres.unreachable"))
        #expect(unknown.code.rawValue == 3 && unknown.stdout.isEmpty)
    }

    @Test("An address with a password, plain or of TLS, is a usage error that does not repeat it")
    func addresses() async {
        for url in ["http://app:s3cr%40t@127.0.0.1:1", "https://app:s3cr%40t@127.0.0.1:1"] {
            let ran = await run("health_check", "--url", url, environment: [:])
            #expect(ran.code == .usage && !ran.stderr.contains("s3cr"))
        }
    }
}
