// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// The private Redis, or a replica of it.
struct RedisRecipe: ServerRecipe {
    var site: ServerSite
    var plan: SandboxPlan
    /// The port of the master, for a replica.
    var masterPort: Int?

    var processName: String { "redis-server" }
    var pidFile: String { "\(self.site.folder)/server.pid" }
    var socket: String? { "\(self.site.socketFolder)/redis.sock" }
    var url: String { "unix://\(self.site.socketFolder)/redis.sock" }
    var stopSignal: Int32 { SIGTERM }
    private var configuration: String { "\(self.site.folder)/redis.conf" }

    func prepare(isFresh: Bool) async throws {
        try self.site.makeFolders()
        // Redis and the Sentinels rewrite this file when the master changes, so it is kept while any of them runs.
        guard isFresh || !Files.exists(self.configuration) else { return }
        try Files.write(self.text, to: self.configuration, owner: self.site.user)
    }

    /// The text of `redis.conf`: what the plan adds comes last, and so wins.
    var text: String {
        var lines = [
            "daemonize yes",
            "pidfile \(RedisText.quoted(self.pidFile))",
            "logfile \(RedisText.quoted(self.site.log))",
            "dir \(RedisText.quoted(self.site.folder))",
            "bind 127.0.0.1",
            "port \(self.site.port ?? 0)",
            "unixsocket \(RedisText.quoted(self.socket ?? ""))",
            "unixsocketperm 700",
            "save \"\"",
            "appendonly no",
            // A guest on somebody's machine does not grow without end.
            "maxmemory 256mb",
        ]
        if let masterPort { lines += ["replicaof 127.0.0.1 \(masterPort)", "repl-diskless-sync-delay 0"] }
        lines += self.plan.redisSettings.sorted { $0.key < $1.key }.map {
            "\($0.key) \($0.value.isEmpty ? "\"\"" : $0.value)"
        }
        return lines.joined(separator: "\n") + "\n"
    }

    func launch() async throws {
        let program = try InstalledPrograms.require("redis-server", package: "redis-server")
        try await self.site.invocation(program, [self.configuration], limit: .seconds(10)).run()
    }

    func isReady() async -> Bool {
        // A replica that is still copying answers -LOADING or -MASTERDOWN: it is up, and says so.
        await Endpoint.socket(self.socket ?? "").answers("PING\r\n", with: self.masterPort == nil ? "+PONG" : "")
    }
}

/// Values in Redis's configuration files.
enum RedisText {
    static func quoted(_ text: String) -> String {
        "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }
}
