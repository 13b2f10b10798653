// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// HAProxy on a loopback port, with a configuration that was written for a machine of its own.
struct HAProxyRecipe: ServerRecipe {
    var site: ServerSite
    var configuration: String

    var processName: String { "haproxy" }
    var pidFile: String { "\(self.site.folder)/server.pid" }
    /// The socket on which it tells its statistics.
    var socket: String? { "\(self.site.socketFolder)/admin.sock" }
    var url: String { "http://127.0.0.1:\(self.site.port ?? 0)" }
    /// At once: SIGUSR1 would wait for the clients.
    var stopSignal: Int32 { SIGTERM }
    private var file: String { "\(self.site.folder)/haproxy.cfg" }

    func prepare(isFresh: Bool) async throws {
        try self.site.makeFolders()
        try Files.write(self.text, to: self.file, owner: self.site.user)
    }

    /// The configuration, moved to the private port and folder.
    var text: String {
        self.configuration
            .replacing("/run/haproxy/", with: "\(self.site.socketFolder)/")
            .replacing("bind :80\n", with: "bind 127.0.0.1:\(self.site.port ?? 0)\n")
    }

    func launch() async throws {
        let program = try InstalledPrograms.require("haproxy", package: "haproxy")
        try Files.remove(self.pidFile)
        try await self.site.invocation(
            program,
            ["-D", "-p", self.pidFile, "-f", self.file],
            limit: .seconds(10)
        ).run()
    }

    func isReady() async -> Bool {
        await Endpoint.socket(self.socket ?? "").answers("show info\n", with: "Name: HAProxy")
    }
}
