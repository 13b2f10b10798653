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
                "database", "database.replica", "cache", "cache.api", "cache.sessions", "memory", "disk", "event_loop",
                "printer",
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
}
