// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCaching
import MillwrightCore
import MillwrightHealth
import Testing

@testable import MillwrightToolkit

@Suite("Health and caches of a project")
struct ToolkitHealthTests {
    private let settings = Settings(
        databases: [
            "default": DatabaseSettings(alias: "default", url: Secret("postgres://a@h/d")),
            "replica": DatabaseSettings(alias: "replica", url: Secret("postgres://a@r/d"), isReadOnly: true),
        ],
        caches: [
            "sessions": CacheSettings(alias: "sessions", location: Secret("redis://h/2"), keyPrefix: "s"),
            "default": CacheSettings(alias: "default", location: Secret("redis://:pw@h/1"), version: 3),
            "api": CacheSettings(alias: "api", location: Secret("redis://h/3"), timeout: nil),
        ]
    )

    @Test("Every database and cache is a check, and the host's own come beside them")
    func checks() throws {
        struct Own: HealthCheck {
            let name = "printer"
            let criticality = HealthCriticality.informational
            func run() async throws -> HealthResult { .pass() }
        }

        let health = try Toolkit(settings: self.settings).health(adding: [Own()])

        #expect(
            health.engine.snapshot().entries.map(\.name) == [
                "database", "pool", "transaction_ids", "certificate.default", "database.replica", "pool.replica",
                "transaction_ids.replica", "certificate.replica", "cache", "cache.api", "cache.sessions", "memory",
                "disk", "cpu", "descriptors", "event_loop", "driver_loop", "printer",
            ]
        )
    }

    @Test("An alias has its server without the password, its database and its layout")
    func aliases() throws {
        let aliases = try Toolkit(settings: self.settings).cacheAliases()

        #expect(aliases.map(\.name) == ["default", "api", "sessions"])
        #expect(aliases.map(\.database) == [1, 3, 2])
        #expect(Set(aliases.map(\.endpoint)).count == 1 && !aliases[0].endpoint.contains("pw"))
        #expect(aliases.map(\.version) == [3, 1, 1] && aliases[1].timeout == nil)
        #expect(aliases.map(\.holdsSessions) == [false, false, true])
    }

    @Test("Details are for nobody, for a token, for networks, or for everybody, as the settings say")
    func access() throws {
        func health(_ overrides: String...) -> HealthSettings {
            Settings.load(file: nil, environment: [:], overrides: overrides).settings.health
        }

        #expect(health().access.token == nil && health().access.trustedNetworks.isEmpty)
        let both = health("health.token=s3cret", "health.trusted_networks=10.0.0.0/8,::1")
        #expect(both.access.token == Secret("s3cret") && both.access.trustedNetworks.count == 2)
        #expect(!"\(both)".contains("s3cret"))
    }

    @Test("What is no network is a wrong setting, and the token is never shown")
    func problems() {
        let result = Settings.load(
            file: nil,
            environment: [:],
            overrides: ["health.trusted_networks=10.0.0.0/99", "health.token=s3cret"]
        )

        #expect(result.problems.map(\.key) == ["health.trusted_networks"])
        #expect(result.values.first { $0.key == "health.token" }?.shown == "***")
    }

    private static let yaml = """
        databases:
          default: { url: "postgres://a@/d", pgbouncer: "postgres://stats@/pgbouncer" }
        caches:
          sessions: { location: "redis://h/2" }
        health:
          interval: 5s
          trusted_proxies: [10.0.0.5]
          groups:
            shop: [database, cache.sessions]
          status_codes: { pass: 200, warn: 429, fail: 503 }
          checks:
            memory: { warn: 70%, criticality: degrading }
            cache.sessions: { interval: 9s, failures: 3 }
        """

    @Test("The whole section is read: groups, statuses, and what is said of single checks, dots in their names too")
    func section() throws {
        let result = Settings.read(file: SettingsFile(path: "m.yaml", text: Self.yaml))
        let handler = try Toolkit(settings: result.settings).health()
        let snapshot = handler.engine.snapshot()
        func entry(_ name: String) throws -> HealthSnapshot.Entry {
            try #require(snapshot.entries.first { $0.name == name })
        }

        #expect(result.problems.isEmpty)
        #expect(snapshot.groups == [HealthGroup("shop", checks: ["database", "cache.sessions"])])
        #expect(try entry("memory").criticality == .degrading)
        #expect(try entry("memory").limits.contains(Evidence("warn", "0.7")))
        #expect(try entry("cache.sessions").schedule.interval == .seconds(9))
        #expect(try entry("cache.sessions").schedule.failuresToFail == 3)
        #expect(try entry("pgbouncer").schedule.interval == .seconds(5))
        #expect(result.settings.health.statusCodes.code(of: .warn) == 429)
        #expect(handler.access.trustedProxies.count == 1)
    }

    @Test(
        "Keys of the section that do not exist name the nearest that does",
        arguments: [
            ("health.grops.shop=memory", "groups"), ("health.status_codes.pas=200", "pass"),
            ("health.trusted_proxys=10.0.0.1", "trusted_proxies"),
        ]
    )
    func unknownKeys(override: String, nearest: String) throws {
        let result = Settings.load(file: nil, environment: [:], overrides: [override])

        #expect(result.problems.count == 1)
        #expect(try #require(result.problems.first).advice.contains(nearest))
    }
}
