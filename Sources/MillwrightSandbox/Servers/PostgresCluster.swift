// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// A data folder of PostgreSQL and the programs that work on it; the primary and the standby have one each.
struct PostgresCluster: Sendable, Hashable {
    static let defaultPort = 5432

    var site: ServerSite
    var plan: SandboxPlan

    var data: String { "\(self.site.folder)/data" }
    /// Where the data folder is made; it gets its name when it is whole, so a half-made one is never started.
    var draft: String { "\(self.site.folder)/data.new" }
    var port: Int { self.site.port ?? Self.defaultPort }
    var socket: String { "\(self.site.socketFolder)/.s.PGSQL.\(self.port)" }
    var pidFile: String { "\(self.data)/postmaster.pid" }
    var url: String {
        PostgresURL.text(socketFolder: self.site.socketFolder, port: self.port, role: "app", database: "app")
    }

    /// Writes our configuration files, which replace those that PostgreSQL's programs made.
    func configure(folder: String, programs: String) throws {
        let settings = PostgresSettings(
            socketFolder: self.site.socketFolder,
            port: self.port,
            listensOnLoopback: self.site.port != nil,
            isDurable: self.plan.isDurable,
            hasStatementStatistics: Self.hasLibrary("pg_stat_statements", programs: programs),
            clusterName: "millwright-\(self.site.name)",
            more: self.plan.postgresSettings
        )
        try Files.write(settings.text, to: "\(folder)/millwright.conf", owner: self.site.user)
        try Files.write(PostgresSettings.access, to: "\(folder)/pg_hba.conf", owner: self.site.user)
    }

    private static func hasLibrary(_ name: String, programs: String) -> Bool {
        ["\(programs)/../lib", "/usr/lib64/pgsql", "/usr/lib/postgresql"].contains { Files.exists("\($0)/\(name).so") }
    }

    /// Starts the server and waits until it takes connections; `pg_ctl` notices an early death.
    func launch() async throws {
        try self.disownStaleFiles()
        let programs = try InstalledPrograms.requirePostgres()
        // A server that was killed leaves backends that need a moment to notice; PostgreSQL refuses to start beside them.
        for attempt in 1...5 {
            do {
                try await self.site.invocation(
                    "\(programs)/pg_ctl",
                    ["start", "--wait", "--timeout=60", "--silent", "--pgdata", self.data, "--log", self.site.log],
                    limit: .seconds(70)
                ).run()
                return
            } catch let error as SandboxError {
                let isCrowded = Files.tail(of: self.site.log).contains("shared memory block")
                guard error.code == .startFailed, isCrowded, attempt < 5 else { throw error }
                try await Task.sleep(for: .milliseconds(300))
            }
        }
    }

    /// Frees the data folder and the socket of a process that is gone; call it only when the server does not run.
    private func disownStaleFiles() throws {
        if let text = Files.read(self.pidFile) {
            try Files.write(PostmasterFile(text).disowned, to: self.pidFile, owner: self.site.user)
        }
        try Files.remove("\(self.socket).lock")
    }

    func isReady() async -> Bool {
        guard let text = Files.read(self.pidFile), PostmasterFile(text).isReady else { return false }
        return await Endpoint.socket(self.socket).answers()
    }

    /// Runs a script in psql as the superuser.
    func run(script: String, limit: Duration = .seconds(60)) async throws {
        let programs = try InstalledPrograms.requirePostgres()
        try await self.site.invocation(
            "\(programs)/psql",
            [
                "--no-psqlrc", "--quiet", "--tuples-only", "--set=ON_ERROR_STOP=1", "--host=\(self.site.socketFolder)",
                "--port=\(self.port)", "--username=postgres", "--dbname=postgres", "--file=-",
            ],
            input: script,
            limit: limit
        ).run()
    }
}
