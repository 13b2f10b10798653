// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightTesting
import Testing

@testable import MillwrightSandbox

@Suite("Leaving nothing behind", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(5)))
struct RemovalTests {
    @Test("At a process's exit, running and frozen servers end and their folder goes")
    func atExit() async throws {
        let servers = try await TestServers.private(SandboxPlan())
        try await servers.server("postgres").stop()
        let processes = servers.state.servers.compactMap(\.pid).compactMap { ProcessTable.stat($0) }
            .map { ProcessIdentity($0) }
        #expect(processes.count == 2)

        servers.sandbox.removeAtOnce()

        #expect(processes.allSatisfy { $0.living() == nil })
        #expect(!Files.exists(servers.sandbox.folder))
    }

    @Test("A killed PostgreSQL's shared memory goes with its folder")
    func sharedMemory() async throws {
        let servers = try await TestServers.private(.postgresOnly)
        let pidFile = "\(servers.sandbox.folder)/servers/postgres/data/postmaster.pid"
        let memory = try #require(Files.read(pidFile).flatMap { PostmasterFile($0).sharedMemory })
        var status = shmid_ds()
        memory.release()
        #expect(shmctl(memory.id, IPC_STAT, &status) == 0, "it is in use, so it stays")

        try await servers.server("postgres").kill()
        try await servers.remove()

        #expect(shmctl(memory.id, IPC_STAT, &status) == -1)
    }

    @Test("A removal of what was never started is quiet")
    func neverStarted() async throws {
        let sandbox = TestServers.freshSandbox()

        sandbox.removeAtOnce()
        try await sandbox.remove()

        #expect(try await sandbox.status().servers == [])
    }

    @Test("A server holds none of the files that the starting process had open")
    func inheritsNothing() async throws {
        let servers = try await TestServers.private(SandboxPlan())
        let own = Set((0...2).compactMap { Files.linkTarget("/proc/self/fd/\($0)") }).subtracting(["/dev/null"])

        for server in servers.state.servers {
            let folder = "/proc/\(server.pid ?? 0)/fd"
            let open = Set(Files.names(in: folder).compactMap { Files.linkTarget("\(folder)/\($0)") })
            #expect(open.isDisjoint(with: own), "\(server.name)")
            #expect(!open.contains("\(servers.sandbox.folder)/lock"))
        }
        try await servers.remove()
    }
}
