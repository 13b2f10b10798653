// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCommands
import MillwrightCore
import MillwrightTesting
import Testing

@Suite("manage loaddata", .timeLimit(.minutes(3)))
struct LoadDataCommandTests {
    private func manage(_ arguments: [String], _ environment: [String: String] = [:]) async throws -> CapturedOutput {
        let standard = ["DATABASE_URL": "postgres://app@127.0.0.1:1/app"]
        return try await ManagementUtility(apps: [BuiltInApps.millwright])
            .callCommand("loaddata", arguments, environment: standard.merging(environment) { $1 })
    }

    @Test(
        "What makes no sense ends with 64",
        arguments: [
            [], ["crm"], ["erp", "--scale", "0"], ["erp", "--keep", "--replace"], ["--workload", "soon"],
            ["--workload", "1s", "--clients", "0"],
        ]
    )
    func usage(arguments: [String]) async throws {
        #expect(try await self.manage(arguments).exitCode == .usage)
    }

    @Test("A server that is not there ends with 69")
    func noServer() async throws {
        #expect(try await self.manage(["erp"]).exitCode == .unavailable)
    }

    @Test("It loads, keeps, works with the caches, and asks before it replaces", .enabled(if: TestServers.areAvailable))
    func life() async throws {
        try await TestServers.shared().withDatabase { url in
            let environment = ["DATABASE_URL": url("app"), "REDIS_URL": try await TestServers.shared().redisURL]
            let load = ["erp", "--scale", "0.001"]

            let loaded = try await self.manage(load + ["--workload", "1s", "--clients", "2"], environment)
            let kept = try await self.manage(load + ["--keep"], environment)
            let refused = try await self.manage(load, environment)
            let unconfirmed = try await self.manage(load + ["--replace", "--format", "json"], environment)
            let replaced = try await self.manage(load + ["--replace", "--no-input"], environment)

            #expect(loaded.exitCode == .ok, "\(loaded.stderr)")
            #expect(loaded.stdout.contains("order_history"))
            #expect(loaded.stdout.contains("Hit ratio"))
            #expect(kept.stdout.contains("it was loaded already"))
            #expect(refused.exitCode == .notWell)
            #expect(refused.stderr.contains("--replace"))
            #expect(unconfirmed.exitCode == .usage)
            #expect(replaced.exitCode == .ok)
        }
    }

    @Test("A held transaction is announced and ends with its time", .enabled(if: TestServers.areAvailable))
    func holds() async throws {
        try await TestServers.shared().withDatabase { url in
            let environment = ["DATABASE_URL": url("app")]
            let ran = try await self.manage(["erp", "--scale", "0.001", "--hold-transaction", "1s"], environment)

            #expect(ran.exitCode == .ok)
            #expect(ran.stderr.contains("holds a transaction open for 1 s"))
        }
    }
}
