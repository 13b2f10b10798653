// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// PgBouncer in front of the private PostgreSQL, in transaction mode, on a Unix socket.
struct BouncerRecipe: ServerRecipe {
    static let port = 6432

    var site: ServerSite
    var primary: PostgresCluster

    var processName: String { "pgbouncer" }
    var pidFile: String { "\(self.site.folder)/server.pid" }
    var socket: String? { "\(self.site.socketFolder)/.s.PGSQL.\(Self.port)" }
    var url: String {
        PostgresURL.text(socketFolder: self.site.socketFolder, port: Self.port, role: "app", database: "app")
    }
    /// At once: SIGINT would wait for the clients' transactions.
    var stopSignal: Int32 { SIGTERM }
    private var configuration: String { "\(self.site.folder)/pgbouncer.ini" }
    private var users: String { "\(self.site.folder)/users.txt" }

    func prepare(isFresh: Bool) async throws {
        try self.site.makeFolders()
        let names = (["postgres"] + PostgresSetup.roles).map { "\"\($0)\" \"\"\n" }.joined()
        try Files.write(names, to: self.users, owner: self.site.user)
        try Files.write(self.text, to: self.configuration, owner: self.site.user)
    }

    /// The text of `pgbouncer.ini`; the admin console is the database `pgbouncer`.
    var text: String {
        """
        [databases]
        * = host='\(self.primary.site.socketFolder.replacing("'", with: "''"))' port=\(self.primary.port)

        [pgbouncer]
        pool_mode = transaction
        listen_addr =
        listen_port = \(Self.port)
        unix_socket_dir = \(self.site.socketFolder)
        auth_type = trust
        auth_file = \(self.users)
        admin_users = postgres
        stats_users = monitor, app
        logfile = \(self.site.log)
        pidfile = \(self.pidFile)
        ignore_startup_parameters = extra_float_digits, options
        max_client_conn = 500
        default_pool_size = 20

        """
    }

    func launch() async throws {
        let program = try InstalledPrograms.require("pgbouncer", package: "pgbouncer")
        // PgBouncer trusts both files of a killed predecessor, even when its pid is now another program's.
        try Files.remove(self.pidFile)
        try Files.remove(self.socket ?? "")
        try await self.site.invocation(
            program,
            ["--daemon", "--quiet", self.configuration],
            limit: .seconds(10)
        ).run()
    }

    func isReady() async -> Bool { await Endpoint.socket(self.socket ?? "").answers() }
}
