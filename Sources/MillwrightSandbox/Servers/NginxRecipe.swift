// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// nginx on a loopback port, with blocks that were written for `/etc/nginx/conf.d` of a machine of its own.
struct NginxRecipe: ServerRecipe {
    var site: ServerSite
    var configuration: String

    var processName: String { "nginx" }
    var pidFile: String { "\(self.site.folder)/server.pid" }
    var socket: String? { nil }
    var url: String { "http://127.0.0.1:\(self.site.port ?? 0)" }
    /// At once: SIGQUIT would wait for the clients.
    var stopSignal: Int32 { SIGTERM }
    private var file: String { "\(self.site.folder)/nginx.conf" }
    private var blocks: String { "\(self.site.folder)/app.conf" }

    func prepare(isFresh: Bool) async throws {
        try self.site.makeFolders()
        let moved = self.configuration.replacing("listen 80;", with: "listen 127.0.0.1:\(self.site.port ?? 0);")
        try Files.write(moved, to: self.blocks, owner: self.site.user)
        try Files.write(self.text, to: self.file, owner: self.site.user)
    }

    /// The text of `nginx.conf` around the blocks: everything that it writes stays in its folder.
    var text: String {
        let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        let folders = kinds.map { "    \($0)_temp_path \"\(self.site.folder)/\($0)\";\n" }.joined()
        return """
            pid "\(self.pidFile)";
            error_log "\(self.site.log)";
            worker_processes 2;
            events {}
            http {
                access_log off;
            \(folders)    include "\(self.blocks)";
            }

            """
    }

    func launch() async throws {
        let program = try InstalledPrograms.require("nginx", package: "nginx-light")
        try Files.remove(self.pidFile)
        try await self.site.invocation(
            program,
            ["-p", self.site.folder, "-e", self.site.log, "-c", self.file],
            limit: .seconds(10)
        ).run()
    }

    func isReady() async -> Bool { await Endpoint.port(self.site.port ?? 0).answers() }
}
