// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCommands
import MillwrightCore
import Testing

@Suite("Apps and their commands")
struct RegistryTests {
    @Test("Two apps with the same command are a start-up error that names both")
    func twice() async {
        let other = AppConfig(label: "other", title: "Other", commands: [Echo.self])

        let ran = await run("echo", apps: [SampleApp.config, other])

        #expect(ran.code == .settings)
        #expect(ran.stderr.contains("The apps `shop` and `other` both register the command `echo`."))
    }

    @Test("Two apps with the same label are a start-up error")
    func labels() async {
        let other = AppConfig(label: "shop", title: "Other")

        let ran = await run("--help", apps: [SampleApp.config, other])

        #expect(ran.code == .settings)
        #expect(ran.stderr.contains("The label `shop` belongs to two apps."))
    }

    @Test("Commands called from code give back code and streams, and skip the checks before them")
    func callCommand() async throws {
        let utility = ManagementUtility(apps: [SampleApp.config])

        let echo = try await utility.callCommand("echo", ["hello"], environment: [:])
        let checked = try await utility.callCommand("checked", environment: [:])
        let wrong = try await utility.callCommand("echo", ["--nope"], environment: [:])

        #expect(echo == CapturedOutput(exitCode: .ok, stdout: "hello\n", stderr: ""))
        #expect(checked.exitCode == .ok)
        #expect(wrong.exitCode == .usage)
        #expect(wrong.stderr.contains("There is no option `--nope`."))
    }

    @Test("No built-in command shadows a global option, and each has an abstract that ends with a period")
    func builtIn() async {
        let ran = await run("check", "--tag", "commands", apps: [BuiltInApps.millwright])

        #expect(ran.code == .ok)
        for command in BuiltInApps.millwright.commands {
            #expect(command.configuration.abstract.hasSuffix("."), "\(command.name)")
            #expect(command.name.allSatisfy { $0.isLowercase || $0 == "_" || $0.isNumber }, "\(command.name)")
        }
    }
}
