// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Migrations
import MillwrightCore
import MillwrightPostgres
import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting

@testable import MillwrightCaching

/// A PostgreSQL with the session tables, a Redis, and nodes that serve sessions from them.
final class SessionServers: Sendable {
    let servers: TestServers
    let alias = CacheAlias("sessions", endpoint: "private", keyPrefix: "test")
    private let isPatient: Bool

    /// - Parameters:
    ///   - isPatient: whether nodes wait so long for their servers that a busy machine is not taken for an outage; for tests in which
    ///     no server is out.
    ///   - adjust: changes the plan before the start.
    init(isPatient: Bool = true, _ adjust: (inout SandboxPlan) -> Void = { _ in }) async throws {
        self.isPatient = isPatient
        var plan = SandboxPlan()
        // What is acknowledged must survive a kill.
        plan.postgresSettings["synchronous_commit"] = "on"
        adjust(&plan)
        self.servers = try await TestServers.private(plan)
        if plan.sentinels > 0 { try await self.servers.awaitQuorum(replicas: plan.redisReplicas) }
        try await MigrationRunner(PostgresConfiguration(self.servers.postgresURL)).migrate()
    }

    deinit { self.servers.sandbox.removeAtOnce() }

    func database() -> PostgresClient {
        var configuration = self.servers.impatientPostgres()
        if self.isPatient {
            configuration.connectTimeout = .seconds(20)
            configuration.acquireTimeout = .seconds(20)
        }
        return PostgresClient(configuration)
    }

    func redis() throws -> RedisClient {
        var configuration = try self.servers.impatientRedis()
        if self.isPatient {
            configuration.connectTimeout = .seconds(10)
            configuration.commandTimeout = .seconds(10)
        }
        return RedisClient(configuration)
    }

    /// Runs nodes for as long as `body` runs.
    func withNodes(
        _ count: Int,
        _ adjust: (inout SessionConfiguration) throws -> Void = { _ in },
        _ body: ([SessionStore]) async throws -> Void
    ) async throws {
        var configuration = SessionConfiguration(alias: self.alias)
        if self.isPatient {
            configuration.lease = .seconds(2)
            configuration.redisTimeout = .seconds(3)
            configuration.databaseTimeout = .seconds(10)
        }
        try adjust(&configuration)
        var stores: [SessionStore] = []
        var closing: [(PostgresClient, PostgresClient, RedisClient)] = []
        for number in 0..<count {
            let clients = (self.database(), self.database(), try self.redis())
            closing.append(clients)
            stores.append(
                try SessionStore(
                    configuration,
                    database: clients.0,
                    register: clients.1,
                    redis: clients.2,
                    node: "node-\(number)"
                )
            )
        }
        let nodes = stores
        try await withThrowingTaskGroup(of: Void.self) { group in
            for store in nodes { group.addTask { try await store.run() } }
            defer { group.cancelAll() }
            try await body(nodes)
        }
        for clients in closing {
            await clients.0.close()
            await clients.1.close()
            await clients.2.close()
        }
    }

    /// Has Redis forget everything.
    func flush() async throws {
        let client = try self.redis()
        // After the last fault the breaker that all clients of a server share may still be open.
        try await until {
            do {
                _ = try await client.send(RedisCommand("FLUSHALL"))
                return true
            } catch let error as RedisError where error.code == .breakerOpen || error.isOutage {
                return false
            }
        }
        await client.close()
    }

    /// Whether a statement on the sessions waits for a lock of another one.
    func isAnyStatementWaiting() async throws -> Bool {
        let database = self.database()
        let count = try await database.query(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '/* millwright:sessions */%'",
            as: Int.self
        )
        await database.close()
        return count != [0]
    }

    /// Waits until every node reads from the copy.
    func awaitCopy(_ stores: [SessionStore]) async throws {
        try await until { stores.allSatisfy { $0.standing.usesCopy } }
    }
}

/// Comes back when `condition` holds, looking every few milliseconds; the test's time limit bounds it.
func until(_ condition: () async throws -> Bool) async throws {
    while try await !condition() { try await Task.sleep(for: .milliseconds(2)) }
}
