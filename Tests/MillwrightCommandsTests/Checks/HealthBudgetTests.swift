// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightHealth
import MillwrightTesting
import MillwrightToolkit
import Testing

@testable import MillwrightCommands

@Suite("Budgets of the health endpoint")
struct HealthBudgetTests {
    private func health(_ prober: String, _ change: (inout HealthSettings) -> Void = { _ in }) throws -> HealthSettings
    {
        var health = HealthSettings(prober: try Prober(prober))
        change(&health)
        return health
    }

    @Test("The defaults are well with every prober's own defaults", arguments: ["k8s", "alb", "haproxy", "nginx"])
    func defaults(prober: String) throws {
        let health = try self.health(prober)

        #expect(ProbeBudget.verdict(on: health).findings == [])
        #expect(DrainBudget.verdict(on: health, ServerSettings()).findings == [])
    }

    @Test(
        "An answer that may come after the prober's timeout is an error; without a prober the kubelet's second counts"
    )
    func lateAnswers() throws {
        var undeclared = HealthSettings()
        undeclared.budget = .milliseconds(1200)
        let declared = try self.health("haproxy inter 2s") { $0.budget = .milliseconds(1200) }

        #expect(ProbeBudget.verdict(on: undeclared).findings.map(\.id) == ["health.E001"])
        #expect(ProbeBudget.verdict(on: undeclared).findings.first?.message.contains("waits 1 s") == true)
        #expect(ProbeBudget.verdict(on: declared).findings == [])
    }

    @Test("A sampler that is slower than the prober is a warning")
    func lateSamples() throws {
        let health = try self.health("haproxy inter 200ms fall 3") { $0.interval = .seconds(5) }

        #expect(ProbeBudget.verdict(on: health).findings.map(\.id) == ["health.E001", "health.W002"])
    }

    @Test("A single check that the settings slow down is summed up by itself, and one that they speed up is well")
    func ownPace() throws {
        let health = try self.health("haproxy inter 2s fall 3") {
            $0.checks = [
                "database": ["interval": "6s", "deadline": "1s"], "cache": ["interval": "1s"], "disk": ["warn": "70%"],
            ]
        }

        let findings = ProbeBudget.verdict(on: health).findings

        #expect(findings.map(\.fingerprint) == ["health.W002:health.checks.database.interval"])
        #expect(findings.first?.message.contains("8.2 s old") == true, "\(findings)")
    }

    @Test("Clients, pools and what stands beside them together may not want more descriptors than there are")
    func descriptors() {
        var settings = Settings()
        settings.server.maximumConnections = 800
        settings.databases["default"] = DatabaseSettings(
            alias: "default",
            url: Secret("postgres://"),
            maximumConnections: 100
        )
        settings.caches["default"] = CacheSettings(
            alias: "default",
            location: Secret("redis://main"),
            sentinels: ["a", "b", "c"],
            maximumConnections: 50
        )

        // 800 clients, 100 + 1, 50 + 1 + 6, and 32 of its own.
        #expect(DescriptorBudget.verdict(on: settings, limit: 990).findings == [])
        let findings = DescriptorBudget.verdict(on: settings, limit: 989).findings
        #expect(findings.map(\.id) == ["health.W008"])
        #expect(findings.first?.message.contains("990 file descriptors, and it has 989") == true)
    }

    @Test("A drain by the agent alone, without an agent, is an error with and without a prober")
    func silentDrain() throws {
        var silent = HealthSettings()
        silent.drainMode = .agent
        let declared = try self.health("haproxy") { $0.drainMode = .agent }
        let heard = ServerSettings(agent: "127.0.0.1:9707")

        #expect(DrainBudget.verdict(on: silent, ServerSettings()).findings.map(\.id) == ["health.E007"])
        #expect(DrainBudget.verdict(on: declared, ServerSettings()).findings.map(\.id) == ["health.E007"])
        #expect(DrainBudget.verdict(on: declared, heard).findings == [])
    }

    @Test("A drain that is shorter than inter times fall is an error that names both")
    func shortDrain() throws {
        let health = try self.health("haproxy inter 5s fall 3") { $0.drain = .seconds(8) }

        let finding = try #require(DrainBudget.verdict(on: health, ServerSettings()).findings.first)

        #expect(finding.id == "health.E003")
        #expect(finding.message.contains("8 s") && finding.message.contains("20 s"))
    }

    @Test("An end that Kubernetes would cut short, and an idle timeout below the balancer's, are warnings")
    func warnings() throws {
        let slow = ServerSettings(shutdownTimeout: .seconds(25))
        let hasty = ServerSettings(idleTimeout: .seconds(60))

        #expect(try DrainBudget.verdict(on: self.health("k8s"), slow).findings.map(\.id) == ["health.W004"])
        #expect(try DrainBudget.verdict(on: self.health("alb"), slow).findings == [])
        #expect(try DrainBudget.verdict(on: self.health("nginx"), hasty).findings.map(\.id) == ["health.W005"])
    }

    @Test("Pools of one server count together, times the instances; those of another server do not")
    func pools() {
        func server(_ alias: String, _ identity: String) -> PoolBudget.Server {
            PoolBudget.Server(alias: alias, identity: identity, limit: 97, pool: 20)
        }
        let servers = [server("default", "a"), server("reports", "a"), server("replica", "b")]

        #expect(PoolBudget.verdict(on: servers, instances: 2).findings == [])
        let findings = PoolBudget.verdict(on: servers, instances: 3).findings
        #expect(findings.map(\.fingerprint) == ["health.E006:default"])
        #expect(findings.first?.message.contains("default, reports may want 120 connections") == true)
        #expect(findings.first?.remedy?.advice.contains("to 16,") == true)
    }

    @Test("check --tag health shows the prober and what follows from it, and opens no connection")
    func command() async {
        let nowhere = ["DATABASE_URL": "postgres://app@127.0.0.1:1/app"]

        let well = await run(
            "check",
            "--tag",
            "health",
            "--set",
            "health.prober=haproxy inter 1s",
            environment: nowhere
        )
        let short = await run("check", "--tag", "health", "--set", "health.prober=alb", "--set", "health.drain=8s")

        #expect(well.code == .ok)
        #expect(short.code == .notWell && short.stdout.contains("health.E003"))
    }

    @Test(
        "check --deploy --tag health asks the server how many connections it gives",
        .enabled(if: TestServers.areAvailable)
    )
    func deploy() async throws {
        let environment = ["DATABASE_URL": try await TestServers.shared().postgresURL]
        func check(_ instances: Int) async -> Ran {
            await run(
                "check",
                "--deploy",
                "--tag",
                "health",
                "--set",
                "server.instances=\(instances)",
                environment: environment
            )
        }

        #expect(await check(1).code == .ok)
        #expect(await check(1000).stdout.contains("health.E006"))
    }
}
