// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres
import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting

/// The servers that the contract is held against, each addressed with a password that must never be seen again.
enum ContractServers {
    /// Two that serve, with a database of known faults in one.
    static func well() async throws -> TestServers { try await Self.startingWell.value }

    /// Two that accept connections and answer nothing.
    static func frozen() async throws -> TestServers { try await Self.startingFrozen.value }

    /// The variables that name servers of a sandbox.
    static func environment(of servers: TestServers, database: String = "app") -> [String: String] {
        let postgres = servers.state.url(role: "app", database: database) ?? ""
        return [
            "DATABASE_URL": postgres.replacing("//app@", with: "//app:\(PlantedSecret.encoded)@", maxReplacements: 1),
            "REDIS_URL": servers.redisURL.replacing("unix://", with: "unix://app:\(PlantedSecret.encoded)@"),
            // Test servers do not wait for the disk; to find that is right, and not what is asked here.
            "MILLWRIGHT_SILENCED": "settings.C001",
        ]
    }

    /// The variables that name servers where nobody listens.
    static let down = [
        "DATABASE_URL": "postgres://app:\(PlantedSecret.encoded)@127.0.0.1:1/app",
        "REDIS_URL": "redis://app:\(PlantedSecret.encoded)@127.0.0.1:1/0",
    ]

    private static let startingWell = Task {
        let servers = try await TestServers.private(SandboxPlan())
        try await Self.letIn(servers)
        try await Self.plantTable(servers)
        try await FaultyDatabase.make(on: servers)
        return servers
    }

    private static let startingFrozen = Task {
        let servers = try await TestServers.private(SandboxPlan())
        for name in ["postgres", "redis"] { try await servers.server(name).stop() }
        return servers
    }

    // Something that an index can be planned on, and that no check has anything to say of.
    private static func plantTable(_ servers: TestServers) async throws {
        let connection = try await PostgresConnection.connect(PostgresConfiguration(servers.postgresURL))
        try await connection.execute("CREATE TABLE parcel (id bigint, town text)")
        await connection.close()
    }

    // PostgreSQL's sandbox trusts whoever reaches its socket; Redis needs a user for the password.
    private static func letIn(_ servers: TestServers) async throws {
        let client = RedisClient(try RedisConfiguration(servers.redisURL))
        // A fault for the caches: keys of an alias that are to expire and never will.
        for number in 1...30 { try await client.set(":1:stock:\(number)", "1") }
        _ = try await client.send(
            RedisCommand("ACL", "SETUSER", "app", "on", ">" + PlantedSecret.password, "~*", "&*", "+@all")
        )
        await client.close()
    }
}
