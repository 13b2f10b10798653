// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import MillwrightCommands
import MillwrightCore
import MillwrightHummingbird
import Testing

@Suite("runserver")
struct RunServerTests {
    private func run(_ arguments: String...) async throws -> CapturedOutput {
        let utility = ManagementUtility(apps: [BuiltInApps.millwright, BuiltInApps.server])
        return try await utility.callCommand("runserver", arguments)
    }

    @Test("An address or a time that is none is a usage error that says what to write")
    func wrongOptions() async throws {
        let address = try await self.run("--bind", "8080")
        let time = try await self.run("--drain", "soon")

        #expect(address.exitCode == .usage && address.stderr.contains("`127.0.0.1:8080`"))
        #expect(time.exitCode == .usage && time.stderr.contains("such as `8s`"))
    }

    @Test("An address that cannot be had ends it with 69 and says why")
    func takenAddress() async throws {
        let ran = try await self.run("--bind", "unix:/nowhere/at/all.sock")

        #expect(ran.exitCode == .unavailable)
        #expect(ran.stderr.contains("No such file or directory"), "\(ran.stderr)")
    }

    @Test("An agent's address that is none, or that cannot be had, ends it and is named")
    func wrongAgent() async throws {
        // Of a network that nobody has: RFC 5737.
        let foreign = "203.0.113.1:9707"
        let none = try await self.run("--bind", "127.0.0.1:0", "--set", "server.agent=9707")
        let late = try await self.run("--bind", "127.0.0.1:0", "--set", "server.agent=\(foreign)")

        #expect(none.exitCode == .settings && none.stderr.contains("server.agent"), "\(none.stderr)")
        #expect(late.exitCode == .unavailable && late.stderr.contains(foreign), "\(late.stderr)")
    }

    @Test("It stands in README's table, as help describes it")
    func readme() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        let text = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)

        for command in BuiltInApps.server.commands {
            #expect(text.contains("| `\(command.name)` | \(command.configuration.abstract) |\n"))
        }
    }
}
