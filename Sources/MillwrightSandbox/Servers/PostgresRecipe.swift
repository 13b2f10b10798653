// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// The private PostgreSQL.
struct PostgresRecipe: ServerRecipe {
    var cluster: PostgresCluster
    /// The standby's folder, which is worthless once a new primary has been made.
    var standbyFolder: String

    var site: ServerSite { self.cluster.site }
    var processName: String { "postgres" }
    var pidFile: String { self.cluster.pidFile }
    var socket: String? { self.cluster.socket }
    var url: String { self.cluster.url }
    /// Fast shutdown: sessions are ended, the data is written, no client is waited for.
    var stopSignal: Int32 { SIGINT }
    var stopLimit: Duration { .seconds(30) }

    /// The file that says that roles, extensions and database were made.
    private var settled: String { "\(self.site.folder)/settled" }
    /// The passwords for the loopback port, in libpq's format.
    private var passwordFile: String { "\(self.site.folder)/passfile" }

    func prepare(isFresh: Bool) async throws {
        let programs = try InstalledPrograms.requirePostgres()
        try self.site.makeFolders()
        if !Files.exists("\(self.cluster.data)/PG_VERSION") { try await self.makeData(programs: programs) }
        try self.cluster.configure(folder: self.cluster.data, programs: programs)
    }

    private func makeData(programs: String) async throws {
        for path in [self.cluster.draft, self.cluster.data, self.settled, self.passwordFile, self.standbyFolder] {
            try await Files.removeInUse(path)
        }
        try await self.site.invocation(
            "\(programs)/initdb",
            [
                "--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--username=postgres",
                "--pgdata", self.cluster.draft,
            ],
            limit: .seconds(60)
        ).run()
        let main = "\(self.cluster.draft)/postgresql.conf"
        try Files.write(
            (Files.read(main) ?? "") + "\ninclude = 'millwright.conf'\n",
            to: main,
            owner: self.site.user
        )
        try Files.rename(self.cluster.draft, to: self.cluster.data)
    }

    func launch() async throws { try await self.cluster.launch() }

    func isReady() async -> Bool { await self.cluster.isReady() }

    func settle() async throws {
        let needsPasswords = self.site.port != nil && !Files.exists(self.passwordFile)
        guard needsPasswords || !Files.exists(self.settled) else { return }
        let passwords = needsPasswords ? PostgresSetup.freshPasswords() : [:]
        try await self.runSetup(PostgresSetup.script(passwords: passwords))
        if needsPasswords {
            try Files.write(PostgresSetup.passwordFile(passwords), to: self.passwordFile, owner: self.site.user)
        }
        try Files.write("", to: self.settled, owner: self.site.user)
    }

    /// Runs the set-up; where the session of a start that was killed is still at the same work, it lets that one finish.
    private func runSetup(_ script: String) async throws {
        for attempt in 1...4 {
            do {
                return try await self.cluster.run(script: script)
            } catch let error as SandboxError where error.code == .startFailed && attempt < 4 {
                try await Task.sleep(for: .milliseconds(250 * attempt))
            }
        }
    }
}
