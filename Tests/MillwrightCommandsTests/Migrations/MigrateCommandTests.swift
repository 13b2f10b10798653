// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import MillwrightCommands
import MillwrightCore
import MillwrightTesting
import Testing

@Suite("manage migrate and showmigrations", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct MigrateCommandTests {
    private func withManage(
        _ body: (_ manage: (String, [String]) async throws -> CapturedOutput) async throws -> Void
    ) async throws {
        try await TestServers.shared().withDatabase { url in
            let utility = ManagementUtility(apps: [BuiltInApps.millwright])
            let environment = ["DATABASE_URL": url("app")]
            try await body { try await utility.callCommand($0, $1, environment: environment) }
        }
    }

    @Test("A first run applies everything, a second does nothing, and both end with 0")
    func applies() async throws {
        try await self.withManage { manage in
            let first = try await manage("migrate", [])
            let second = try await manage("migrate", [])

            #expect(first.exitCode == .ok, "\(first.stderr)")
            #expect(first.stdout.contains("m0001_create_schema"))
            #expect(second.exitCode == .ok)
            #expect(second.stdout.contains("steps done 0"))
        }
    }

    @Test("A plan is SQL on stdout and changes nothing; --check ends with 1 while something is to be done")
    func plans() async throws {
        try await self.withManage { manage in
            let plan = try await manage("migrate", ["--plan"])
            let document = try await manage("migrate", ["--plan", "--format", "json"])
            let check = try await manage("migrate", ["--check"])
            let shown = try await manage("showmigrations", ["--format", "csv"])

            #expect(plan.exitCode == .ok)
            #expect(plan.stdout.contains("CREATE TABLE IF NOT EXISTS millwright.migrations"))
            #expect(document.stdout.contains(#""migration": "m0001_create_schema""#))
            #expect(check.exitCode == .notWell)
            #expect(!shown.stdout.contains("applied,"))
            #expect(shown.stdout.contains("pending"))
        }
    }

    @Test("Going back asks first, and without a terminal it takes --no-input")
    func goesBack() async throws {
        try await self.withManage { manage in
            _ = try await manage("migrate", [])

            let refused = try await manage("migrate", ["zero", "--format", "json"])
            let done = try await manage("migrate", ["zero", "--no-input"])
            let check = try await manage("migrate", ["zero", "--check"])

            #expect(refused.exitCode == .usage)
            #expect(refused.stderr.contains("--no-input") || refused.stdout.contains("--no-input"))
            #expect(done.exitCode == .ok)
            #expect(check.exitCode == .ok)
        }
    }

    @Test(
        "A target that does not exist, or is none, ends with 64",
        arguments: [["0099"], ["elsewhere", "1"], ["bogus"]]
    )
    func unknownTarget(arguments: [String]) async throws {
        try await self.withManage { manage in
            let ran = try await manage("migrate", arguments)

            #expect(ran.exitCode == .usage, "\(ran.stderr)")
        }
    }

    @Test("An app that is not there ends with 64")
    func unknownApp() async throws {
        try await self.withManage { manage in
            let ran = try await manage("showmigrations", ["shpo"])

            #expect(ran.exitCode == .usage)
        }
    }

    @Test("A server that is not there ends with 69", arguments: ["migrate", "showmigrations"])
    func noServer(command: String) async throws {
        let environment = ["DATABASE_URL": "postgres://app@127.0.0.1:1/app"]

        let ran = try await ManagementUtility(apps: [BuiltInApps.millwright])
            .callCommand(command, [], environment: environment)

        #expect(ran.exitCode == .unavailable)
    }

    @Test("A host's folder is migrated after Millwright's own schema")
    func hostFolder() async throws {
        try await TestServers.shared().withDatabase { url in
            let folder = try Self.folder(with: ["m0001_create_orders.up.sql": "CREATE TABLE shop_order (id bigint)"])
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let utility = ManagementUtility(apps: [
                BuiltInApps.millwright, AppConfig(label: "shop", title: "Shop", migrationsFolder: folder),
            ])
            let environment = ["DATABASE_URL": url("app")]

            let ran = try await utility.callCommand("migrate", ["--format", "csv"], environment: environment)
            let shown = try await utility.callCommand("showmigrations", ["shop"], environment: environment)

            #expect(ran.exitCode == .ok, "\(ran.stderr)")
            #expect(ran.stdout.contains("shop,m0001_create_orders"))
            #expect(shown.stdout.contains("m0001_create_orders"))
            #expect(!shown.stdout.contains("m0001_create_schema"))
        }
    }

    private static func folder(with files: [String: String]) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        for (name, text) in files {
            try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
        return folder.path
    }
}
