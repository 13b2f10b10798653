// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightPostgres
import MillwrightTesting
import Testing

@testable import MillwrightSandbox

@Suite("Starting after mishaps", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(5)))
struct MishapTests {
    @Test("A data folder that a killed start left half-made is made anew")
    func halfMadeData() async throws {
        let sandbox = TestServers.freshSandbox()
        let folder = try SandboxFolder.make(sandbox.folder)
        for name in ["data", "data.new"] {
            try Files.makeFolders("\(folder.home)/postgres/\(name)/base")
            try Files.write("half", to: "\(folder.home)/postgres/\(name)/base/1")
        }

        let state = try await sandbox.start(.postgresOnly)

        #expect(try await ask("SELECT 'well'", at: state.postgresURL ?? "") == ["well"])
        try await sandbox.remove()
    }

    @Test("Servers of a start that was killed before it wrote its state are found again", arguments: ["", "{ half"])
    func adoptsServers(text: String) async throws {
        let servers = try await TestServers.private(SandboxPlan())
        let stateFile = try #require(try SandboxFolder.existing(servers.sandbox.folder)).stateFile
        try Files.write(text, to: stateFile)
        #expect(try await servers.sandbox.status().servers.map(\.condition) == [.running, .running])

        let state = try await servers.sandbox.start()

        #expect(state == servers.state)
        try await servers.remove()
    }

    @Test("A stale postmaster.pid that names another's PostgreSQL neither hinders a start nor costs the other its life")
    func recycledPid() async throws {
        let other = try await TestServers.private(.postgresOnly)
        let servers = try await TestServers.private(.postgresOnly)
        try await servers.server("postgres").kill()
        let pidFile = "\(servers.sandbox.folder)/servers/postgres/data/postmaster.pid"
        let lines = try #require(Files.read(pidFile)).split(separator: "\n", omittingEmptySubsequences: false)
        let pid = try #require(other.state["postgres"]?.pid)
        try Files.write((["\(pid)"] + lines.dropFirst()).joined(separator: "\n"), to: pidFile)
        // The file is older than the process that has the pid now.
        let anHourAgo = timeval(tv_sec: time(nil) - 3600, tv_usec: 0)
        #expect(utimes(pidFile, [anHourAgo, anHourAgo]) == 0)
        #expect(try await servers.sandbox.status().servers.map(\.condition) == [.dead])

        try await servers.sandbox.stop()
        let state = try await servers.sandbox.start(.postgresOnly)

        #expect(state["postgres"]?.condition == .running)
        #expect(state["postgres"]?.pid != pid)
        #expect(try await other.sandbox.status() == other.state)
        try await servers.remove()
        try await other.remove()
    }

    @Test("Two starts at once make one set of servers")
    func startsAtOnce() async throws {
        let sandbox = TestServers.freshSandbox()

        async let one = sandbox.start(.redisOnly)
        async let two = sandbox.start(.redisOnly)

        let pids = try await [one["redis"]?.pid, two["redis"]?.pid]
        #expect(pids[0] != nil && pids[0] == pids[1])
        try await sandbox.remove()
    }

    @Test("A folder with a long path gets its sockets elsewhere, and they go with it")
    func longPath() async throws {
        let parent = TestServers.freshSandbox().folder
        let sandbox = Sandbox(folder: "\(parent)/\(String(repeating: "long path ", count: 12))")

        let state = try await sandbox.start()

        let socket = try #require(state["postgres"]?.socket)
        #expect(socket.hasPrefix("/tmp/millwright-"))
        #expect(try await ask("SELECT 'well'", at: state.postgresURL ?? "") == ["well"])
        try await sandbox.remove()
        #expect(!Files.exists(socket))
        try Files.remove(parent)
    }

    @Test(
        "Root's closed folder is left to root: its servers live in /var/tmp, as users of their own",
        .enabled(if: geteuid() == 0)
    )
    func closedFolder() async throws {
        let parent = TestServers.freshSandbox().folder
        try Files.makeFolder(parent, mode: 0o700)
        let sandbox = Sandbox(folder: "\(parent)/closed")

        let state = try await sandbox.start()

        #expect(state.servers.allSatisfy { $0.socket?.hasPrefix("/var/tmp/millwright-") == true })
        for server in state.servers {
            let status = try #require(Files.read("/proc/\(server.pid ?? 0)/status"))
            #expect(!status.contains("\nUid:\t0\t"))
        }
        try await sandbox.remove()
        #expect(state.servers.allSatisfy { !Files.exists($0.log) })
        try Files.remove(parent)
    }

    @Test("A folder of another user is not used", .enabled(if: geteuid() == 0))
    func foreignFolder() async throws {
        let sandbox = TestServers.freshSandbox()
        try Files.makeFolders(sandbox.folder)
        try Files.makeFolder("\(sandbox.folder)/servers", mode: 0o755)
        #expect(chown("\(sandbox.folder)/servers", 4711, 4711) == 0)

        await #expect { try await sandbox.start(.redisOnly) } throws: {
            ($0 as? SandboxError)?.code == .folderUnusable
        }
        try Files.remove(sandbox.folder)
    }

    @Test("A server that cannot start says so with the end of its log, and a mended start works")
    func brokenSettings() async throws {
        let sandbox = TestServers.freshSandbox()
        var plan = SandboxPlan.postgresOnly
        plan.postgresSettings = ["shared_buffers": "nonsense"]

        await #expect { try await sandbox.start(plan) } throws: {
            guard let error = $0 as? SandboxError else { return false }
            return error.code == .startFailed && error.stopped.contains("shared_buffers")
        }

        let state = try await sandbox.start(.postgresOnly)
        #expect(state["postgres"]?.isRunning == true)
        try await sandbox.remove()
    }

    @Test(
        "A start that is cancelled at any moment does not hinder the next one",
        arguments: [20, 150, 400, 800, 1_600]
    )
    func cancelledStart(milliseconds: Int) async throws {
        let sandbox = TestServers.freshSandbox()
        let start = Task { try await sandbox.start() }
        // The moment is what the test is about; whatever it hits, the next start must work.
        try await Task.sleep(for: .milliseconds(milliseconds))
        start.cancel()
        _ = await start.result

        let state = try await sandbox.start()

        #expect(try await ask("SELECT 'well'", at: state.postgresURL ?? "") == ["well"])
        try await sandbox.remove()
    }
}
