// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Which recipe makes which server of a sandbox, with what it must know about its neighbours.
struct SandboxLayout: Sendable {
    var folder: SandboxFolder
    var plan: SandboxPlan
    var record: SandboxRecord
    var postgresUser: ServerUser
    var redisUser: ServerUser
    var balancerUser: ServerUser

    init(folder: SandboxFolder, plan: SandboxPlan, record: SandboxRecord) throws {
        self.folder = folder
        self.plan = plan.completed
        self.record = record
        self.postgresUser = try ServerUser.choose(from: ["postgres"])
        self.redisUser = try ServerUser.choose(from: ["redis"])
        self.balancerUser = try ServerUser.choose(from: ["www-data"])
    }

    func recipe(_ server: SandboxRecord.Server) -> any ServerRecipe {
        let site = self.site(server.name, server.kind)
        switch server.kind {
        case .postgres:
            let standby = "\(self.folder.home)/\(ServerKind.standby.rawValue)"
            return PostgresRecipe(cluster: self.cluster(.postgres), standbyFolder: standby)
        case .standby:
            return StandbyRecipe(cluster: self.cluster(.standby), primary: self.cluster(.postgres))
        case .pgbouncer:
            return BouncerRecipe(site: site, primary: self.cluster(.postgres))
        case .redis:
            return RedisRecipe(site: site, plan: self.plan)
        case .redisReplica:
            return RedisRecipe(site: site, plan: self.plan, masterPort: self.masterPort)
        case .sentinel:
            let quorum = max(1, self.plan.sentinels / 2 + 1)
            return SentinelRecipe(site: site, plan: self.plan, masterPort: self.masterPort, quorum: quorum)
        case .haproxy:
            return HAProxyRecipe(site: site, configuration: self.plan.haproxy ?? "")
        case .nginx:
            return NginxRecipe(site: site, configuration: self.plan.nginx ?? "")
        }
    }

    private var masterPort: Int { self.record[ServerKind.redis.rawValue]?.port ?? 0 }

    private func cluster(_ kind: ServerKind) -> PostgresCluster {
        PostgresCluster(site: self.site(kind.rawValue, kind), plan: self.plan)
    }

    private func site(_ name: String, _ kind: ServerKind) -> ServerSite {
        ServerSite(
            name: name,
            kind: kind,
            folder: "\(self.folder.home)/\(name)",
            socketFolder: "\(self.folder.socketHome)/\(name)",
            user: self.user(of: kind),
            port: self.record[name]?.port
        )
    }

    private func user(of kind: ServerKind) -> ServerUser {
        if kind.isPostgresFamily { return self.postgresUser }
        return kind.isRedisFamily ? self.redisUser : self.balancerUser
    }

    /// The server's process, if it lives.
    func process(_ server: SandboxRecord.Server) -> ServerProcess? {
        self.recipe(server).process(recorded: server.process)
    }

    /// The server as it is now.
    func present(_ server: SandboxRecord.Server) -> SandboxServer {
        let recipe = self.recipe(server)
        let process = recipe.process(recorded: server.process)
        let absent: SandboxServer.Condition = server.isWanted ? .dead : .stopped
        return SandboxServer(
            name: server.name,
            kind: server.kind,
            condition: process.map { $0.isFrozen ? .frozen : .running } ?? absent,
            pid: process?.identity.pid,
            socket: recipe.socket,
            port: server.port,
            url: recipe.url,
            log: recipe.site.log
        )
    }

    var state: SandboxState { SandboxState(servers: self.record.servers.map { self.present($0) }) }
}

extension ServerKind {
    /// Whether it runs as PostgreSQL's user; PgBouncer does, because it must enter the folder of PostgreSQL's socket.
    package var isPostgresFamily: Bool { self == .postgres || self == .standby || self == .pgbouncer }

    /// Whether it takes part in who is master.
    var isRedisFamily: Bool { self == .redis || self == .redisReplica || self == .sentinel }
}
