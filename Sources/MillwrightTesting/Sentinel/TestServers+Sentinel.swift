// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightRedis
public import MillwrightSandbox

extension TestServers {
    /// Starts a Redis, two replicas and three Sentinels for one test, and returns when all know each other: a failover can begin.
    ///
    /// The Sentinels take half a second of silence for a failure. They call the Redis they watch `main`.
    ///
    /// - Parameter adjust: changes the plan before the start.
    public static func sentinels(_ adjust: (inout SandboxPlan) -> Void = { _ in }) async throws -> TestServers {
        var plan = SandboxPlan.redisOnly
        plan.redisReplicas = 2
        plan.sentinels = 3
        plan.sentinelSettings = [
            "sentinel down-after-milliseconds main": "500", "sentinel failover-timeout main": "3000",
        ]
        adjust(&plan)
        let servers = try await Self.private(plan)
        try await servers.awaitQuorum(plan)
        return servers
    }

    /// The URL of the primary, as the Sentinels name it.
    public var sentinelURL: String { self.state.sentinelURL ?? "" }

    /// The address of a server by its name: `"redis"`, `"redis-replica-1"`, `"sentinel-2"`.
    public func address(of name: String) -> RedisConfiguration.Endpoint {
        .tcp(host: "127.0.0.1", port: self.state[name]?.port ?? 0)
    }

    /// The name of the server at an address.
    public func name(of address: RedisConfiguration.Endpoint) -> String? {
        self.state.servers.map(\.name).first { self.address(of: $0) == address }
    }

    /// Lends a connection to one server, whatever its role.
    public func withConnection<Value: Sendable>(
        to name: String,
        _ body: (RedisConnection) async throws -> Value
    ) async throws -> Value {
        var configuration = RedisConfiguration(endpoint: self.address(of: name))
        // A Sentinel writes its state through to the disk at every change and answers nobody meanwhile.
        configuration.connectTimeout = .seconds(10)
        configuration.commandTimeout = .seconds(10)
        let connection = try await RedisConnection.connect(configuration)
        let result: Result<Value, any Error>
        do { result = .success(try await body(connection)) } catch { result = .failure(error) }
        await connection.close()
        return try result.get()
    }

    /// Waits until each Sentinel that answers sees the primary, `replicas` that follow it, and the other Sentinels.
    public func awaitQuorum(replicas: Int = 2, within limit: Duration = .seconds(30)) async throws {
        let end = ContinuousClock.now + limit
        for server in self.state.servers where server.kind == .sentinel && server.isRunning {
            while try await !self.isReady(server.name, replicas: replicas) {
                guard ContinuousClock.now < end else {
                    throw RedisError(.timedOut, hint: "The Sentinels do not know each other.")
                }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    private func awaitQuorum(_ plan: SandboxPlan) async throws {
        guard plan.sentinelSettings["requirepass"] == nil else { return }
        try await self.awaitQuorum(replicas: plan.redisReplicas)
    }

    private var sentinelCount: Int { self.state.servers.count { $0.kind == .sentinel } }

    private func isReady(_ sentinel: String, replicas: Int) async throws -> Bool {
        try await self.withConnection(to: sentinel) { connection in
            let quorum = RedisCommand("SENTINEL", "CKQUORUM", "main")
            let list = RedisCommand("SENTINEL", "REPLICAS", "main")
            let others = RedisCommand("SENTINEL", "SENTINELS", "main")
            let answers = try await connection.pipeline([quorum, list, others])
            // a quorum needs two of three
            guard case .status = answers[0], answers[2].elements?.count == self.sentinelCount - 1 else { return false }
            let known = (answers[1].elements ?? []).compactMap { try? $0.decode(as: [String: String].self) }
            let good = known.filter { $0["flags"] == "slave" && $0["master-link-status"] == "ok" }
            return good.count >= replicas
        }
    }
}
