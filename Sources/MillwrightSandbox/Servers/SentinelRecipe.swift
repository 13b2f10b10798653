// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// A Redis Sentinel that watches the private Redis under the name `main`.
struct SentinelRecipe: ServerRecipe {
    static let masterName = "main"

    var site: ServerSite
    var plan = SandboxPlan()
    var masterPort: Int
    /// How many Sentinels must agree that the master is down.
    var quorum: Int

    var processName: String { "redis-server" }
    var pidFile: String { "\(self.site.folder)/server.pid" }
    var socket: String? { nil }
    var url: String { "redis://127.0.0.1:\(self.site.port ?? 0)" }
    var stopSignal: Int32 { SIGTERM }
    private var configuration: String { "\(self.site.folder)/sentinel.conf" }

    func prepare(isFresh: Bool) async throws {
        try self.site.makeFolders()
        // A Sentinel keeps what it learnt (epochs, the present master) in its configuration file.
        guard isFresh || !Files.exists(self.configuration) else { return }
        try Files.write(self.text, to: self.configuration, owner: self.site.user)
    }

    /// The text of `sentinel.conf`: what the plan adds comes last, and so wins.
    ///
    /// The times are short, because a private master that is gone is gone.
    var text: String {
        let more = self.plan.sentinelSettings.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }
        return """
            daemonize yes
            pidfile \(RedisText.quoted(self.pidFile))
            logfile \(RedisText.quoted(self.site.log))
            dir \(RedisText.quoted(self.site.folder))
            bind 127.0.0.1
            port \(self.site.port ?? 0)
            sentinel monitor \(Self.masterName) 127.0.0.1 \(self.masterPort) \(self.quorum)
            sentinel down-after-milliseconds \(Self.masterName) 1000
            sentinel failover-timeout \(Self.masterName) 6000
            sentinel parallel-syncs \(Self.masterName) 1

            """ + more.joined()
    }

    // redis-server is the Sentinel too, so a system without the package redis-sentinel can run one.
    func launch() async throws {
        let program = try InstalledPrograms.require("redis-server", package: "redis-server")
        try await self.site.invocation(program, [self.configuration, "--sentinel"], limit: .seconds(10)).run()
    }

    func isReady() async -> Bool {
        // One that wants a password refuses, and is up.
        await Endpoint.port(self.site.port ?? 0).answers("PING\r\n", with: "")
    }
}
