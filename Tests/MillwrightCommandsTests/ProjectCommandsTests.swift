// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCommands
import MillwrightCore
import Testing

@Suite("The project's own commands")
struct ProjectCommandsTests {
    @Test("settings shows effective values without passwords, and the origin where asked")
    func settings() async {
        let environment = ["DATABASE_URL": "postgres://app:s3cret@db/erp"]
        let arguments = ["--set", "health.drain=1s"]

        let plain = await run("settings", arguments[0], arguments[1], environment: environment)
        let origins = await run("settings", "--origin", arguments[0], arguments[1], environment: environment)
        let table = await run("settings", "--origin", "--format", "csv", environment: environment)

        #expect(plain.code == .ok)
        #expect(plain.stdout.contains("databases.default.url=postgres://app:***@db/erp\n"))
        #expect(origins.stdout.contains("  # environment DATABASE_URL\n"))
        #expect(origins.stdout.contains("# flag --set\n"))
        #expect(table.stdout.contains("databases.default.url,postgres://app:***@db/erp,environment DATABASE_URL"))
        for ran in [plain, origins, table] { #expect(!(ran.stdout + ran.stderr).contains("s3cret")) }
    }

    @Test("settings shows what is right and what is wrong, and ends with 78")
    func wrongSettings() async {
        let ran = await run("settings", "--format", "json", "--set", "health.drain=soon")

        #expect(ran.code == .settings)
        #expect(ran.stdout.contains("\"origin\": \"flag --set\""))
        #expect(ran.stdout.contains("which is not a span of time"))
        #expect(ran.stderr.hasPrefix("Warning: --set: health.drain is `soon`"))
    }

    @Test("A command that needs the settings ends with 78 and names every problem")
    func refused() async {
        let ran = await run("echo", "x", "--set", "health.drain=soon", "--set", "a=1", "--format", "json")

        #expect(ran.code == .settings)
        #expect(ran.stdout.contains("\"code\": 78"))
        #expect(ran.stderr.contains("There are 2 problems:\n"))
    }

    @Test("check lists its tags, and an unknown one ends with 64 and the nearest")
    func tags() async {
        let tags = ["caches", "commands", "database", "health", "security", "settings", "shop"]
        #expect(await run("check", "--list-tags").stdout == tags.map { $0 + "\n" }.joined())

        let ran = await run("check", "--tag", "setings")
        #expect(ran.code == .usage)
        #expect(ran.stderr.contains("Did you mean `settings`?"))
    }

    @Test("check runs the chosen tags, and ends with 1 where one finds an error")
    func check() async {
        #expect(await run("check", "--tag", "settings").code == .ok)
        #expect(await run("check", "--tag", "settings", "--tag", "shop").code == .notWell)
        #expect(await run("check", "--fail-level", "critical").code == .ok)
    }

    @Test("check reports wrong settings as findings and ends with 78")
    func wrong() async {
        let ran = await run("check", "--set", "helth.drain=1s", "--set", "health.drain=soon")

        #expect(ran.code == .settings)
        #expect(ran.stdout.contains("settings.E002"))
        #expect(ran.stdout.contains("settings.E003"))
    }

    @Test("check --deploy notices passwords on the network, and only then")
    func deploy() async {
        let environment = ["DATABASE_URL": "postgres://app:s3cret@db/erp"]

        let without = await run("check", environment: environment)
        let with = await run(
            "check",
            "--deploy",
            "--tag",
            "security",
            "--fail-level",
            "warning",
            environment: environment
        )

        #expect(!without.stdout.contains("security.W002"))
        #expect(with.stdout.contains("security.W002"))
        #expect(with.code == .notWell)
    }

    @Test("A command that shadows a global option is found")
    func shadowed() async {
        let app = AppConfig(label: "bad", title: "Bad", commands: [Shadows.self])

        let ran = await run("check", "--tag", "commands", apps: [BuiltInApps.millwright, app])

        #expect(ran.code == .notWell)
        #expect(ran.stdout.contains("--timeout"))
    }
}

struct Shadows: ManagementCommand {
    static let configuration = CommandConfiguration(commandName: "shadows", abstract: "Shadow.")

    @Option var timeout = 3

    func run(in context: CommandContext) async throws -> ExitCode { .ok }
}
