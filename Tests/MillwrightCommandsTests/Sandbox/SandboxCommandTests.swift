// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCommands
import MillwrightCore
import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("manage sandbox", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(5)))
struct SandboxCommandTests {
    private func call(_ arguments: String...) async throws -> CapturedOutput {
        try await ManagementUtility(apps: [BuiltInApps.millwright]).callCommand("sandbox", arguments, environment: [:])
    }

    @Test("It starts, shows, stops and removes private servers, and the exit code says whether all run")
    func life() async throws {
        let folder = TestServers.freshSandbox().folder
        #expect(try await self.call("status", "--folder", folder).exitCode == .notWell)

        let started = try await self.call("start", "--folder", folder, "--fast")
        #expect(started.exitCode == .ok, "\(started.stderr)")
        #expect(started.stdout.contains("postgres  running  "))
        #expect(started.stdout.contains("\nexport DATABASE_URL='postgres://app@/app?host="))

        let exports = try await self.call("status", "--folder", folder, "--exports")
        #expect(exports.exitCode == .ok)
        #expect(exports.stdout.split(separator: "\n").allSatisfy { $0.hasPrefix("export ") })

        let stopped = try await self.call("stop", "--folder", folder, "--format", "json")
        #expect(stopped.exitCode == .ok)
        #expect(stopped.stdout.contains(#""condition": "stopped""#))
        #expect(try await self.call("status", "--folder", folder).exitCode == .notWell)

        let refused = try await self.call("stop", "--folder", folder, "--remove", "--format", "json")
        #expect(refused.exitCode == .usage)
        let removed = try await self.call("stop", "--folder", folder, "--remove", "--no-input")
        #expect(removed.exitCode == .ok)
        #expect(removed.stdout == "There is no sandbox in \(folder).\n")
    }

    @Test("A folder that cannot be used ends with 1 and says what to do")
    func unusableFolder() async throws {
        let ran = try await self.call("start", "--folder", "/proc/self/nowhere")

        #expect(ran.exitCode == .notWell)
        #expect(ran.stdout == "")
        #expect(ran.stderr.contains("choose another folder"))
    }

    @Test("A client of a server that does not run ends with 69", arguments: ["psql", "redis-cli"])
    func clientWithoutServer(client: String) async throws {
        let ran = try await self.call(client, "--folder", TestServers.freshSandbox().folder)

        #expect(ran.exitCode == .unavailable)
        #expect(ran.stderr.contains("manage sandbox start"))
    }

    @Test("A client that would replace a process that waits for its output is refused")
    func clientFromCode() async throws {
        let servers = try await TestServers.shared()

        let ran = try await self.call("redis-cli", "--folder", servers.sandbox.folder, "PING")

        #expect(ran.exitCode == .usage)
        #expect(ran.stdout == "")
    }

    @Test("A number that is no port ends with 64")
    func wrongPort() async throws {
        #expect(try await self.call("start", "--port", "65536").exitCode == .usage)
    }

    @Test("Each part has its page of help", arguments: [["start", "--help"], ["help", "start"]])
    func helpOfParts(arguments: [String]) async throws {
        let ran = try await ManagementUtility(apps: [BuiltInApps.millwright])
            .callCommand("sandbox", arguments, environment: [:])

        #expect(ran.exitCode == .ok)
        #expect(ran.stdout.contains("--pgbouncer"))
    }
}
