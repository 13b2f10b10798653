// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// One start of a sandbox, with the lock held.
struct SandboxStartup {
    private let folder: SandboxFolder
    private let plan: SandboxPlan
    private var record: SandboxRecord

    init(folder: SandboxFolder, plan: SandboxPlan) {
        self.folder = folder
        self.plan = plan.completed
        self.record = SandboxRecord.load(folder)
    }

    mutating func run() async throws -> SandboxState {
        let isFresh = try self.isRedisFamilyDown()
        for name in self.plan.serverNames {
            self.record.update(name) { _ in }
            try await self.bringUp(name, isFresh: isFresh)
        }
        return try self.layout().state
    }

    private func layout() throws -> SandboxLayout {
        try SandboxLayout(folder: self.folder, plan: self.plan, record: self.record)
    }

    private func isRedisFamilyDown() throws -> Bool {
        let layout = try self.layout()
        return self.record.servers.allSatisfy { !$0.kind.isRedisFamily || layout.process($0) == nil }
    }

    private mutating func bringUp(_ name: String, isFresh: Bool) async throws {
        guard let server = self.record[name] else { return }
        let recipe: any ServerRecipe
        let process: ServerProcess
        if let living = try self.layout().process(server) {
            living.thaw()
            recipe = try self.layout().recipe(server)
            process = try await PrivateServer.awaitReady(recipe, recorded: living.identity)
        } else {
            try await Leftovers.end(in: self.layout().recipe(server).site)
            try self.choosePort(of: server)
            // Recorded before the process exists: if this start is killed now, status says dead and not stopped.
            self.record.update(name) { $0.isWanted = true }
            try self.record.save(self.folder)
            recipe = try self.layout().recipe(self.record[name] ?? server)
            try await recipe.prepare(isFresh: isFresh)
            process = try await PrivateServer.launch(recipe)
        }
        self.record.update(name) {
            $0.process = process.identity
            $0.isWanted = true
        }
        try self.record.save(self.folder)
        try await recipe.settle()
    }

    private mutating func choosePort(of server: SandboxRecord.Server) throws {
        let asked: Int? =
            switch server.kind {
            case .postgres: self.plan.postgresPort
            case .redis: self.plan.redisPort
            case .redisReplica, .sentinel, .haproxy, .nginx: 0
            case .standby, .pgbouncer: nil
            }
        let taken = Set(self.record.servers.filter { $0.name != server.name }.compactMap(\.port))
        let port = try LoopbackPort.choose(asked: asked, before: server.port, taken: taken, server: server.name)
        self.record.update(server.name) { $0.port = port }
    }
}
