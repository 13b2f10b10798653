// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// A streaming standby of the private PostgreSQL.
struct StandbyRecipe: ServerRecipe {
    var cluster: PostgresCluster
    var primary: PostgresCluster

    var site: ServerSite { self.cluster.site }
    var processName: String { "postgres" }
    var pidFile: String { self.cluster.pidFile }
    var socket: String? { self.cluster.socket }
    var url: String { self.cluster.url }
    var stopSignal: Int32 { SIGINT }
    var stopLimit: Duration { .seconds(30) }

    func prepare(isFresh: Bool) async throws {
        let programs = try InstalledPrograms.requirePostgres()
        try self.site.makeFolders()
        if !Files.exists("\(self.cluster.data)/PG_VERSION") { try await self.copyPrimary(programs: programs) }
        try self.cluster.configure(folder: self.cluster.data, programs: programs)
    }

    private func copyPrimary(programs: String) async throws {
        try await Files.removeInUse(self.cluster.draft)
        try await Files.removeInUse(self.cluster.data)
        // The slot keeps the WAL that a stopped standby has yet to read.
        try await self.primary.run(
            script: """
                SELECT pg_create_physical_replication_slot('standby')
                WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = 'standby');

                """
        )
        try await self.site.invocation(
            "\(programs)/pg_basebackup",
            [
                "--pgdata", self.cluster.draft, "--write-recovery-conf", "--slot=standby", "--wal-method=stream",
                "--checkpoint=fast", "--no-sync", "--no-password", "--host=\(self.primary.site.socketFolder)",
                "--port=\(self.primary.port)", "--username=postgres",
            ],
            limit: .seconds(600)
        ).run()
        try Files.rename(self.cluster.draft, to: self.cluster.data)
    }

    func launch() async throws { try await self.cluster.launch() }

    func isReady() async -> Bool { await self.cluster.isReady() }
}
