// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres
import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("Shared test servers", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(1)))
struct SharedServersTests {
    @Test("All tests of a process get the same servers")
    func areShared() async throws {
        let first = try await TestServers.shared()
        let second = try await TestServers.shared()

        #expect(first == second)
        #expect(first.state.servers.map(\.name) == ["postgres", "redis"])
    }

    @Test("A schema is the connection's first, and is gone afterwards, also when the test fails")
    func schemaIsDropped() async throws {
        struct Failed: Error {}
        let servers = try await TestServers.shared()
        var name = ""

        await #expect(throws: Failed.self) {
            try await servers.withSchema { connection, schema in
                name = schema
                #expect(try await connection.query("SELECT current_schema()::text", as: String.self) == [schema])
                throw Failed()
            }
        }

        let left = try await servers.withSchema { connection, _ in
            try await connection.query("SELECT count(*) FROM pg_namespace WHERE nspname = \(name)", as: Int.self)
        }
        #expect(left == [0])
    }

    @Test(
        "A database of one's own has the extensions and every role may connect",
        arguments: ["postgres", "app", "monitor", "nobody_role"]
    )
    func databaseForEveryRole(role: String) async throws {
        let servers = try await TestServers.shared()

        let server = try await servers.withDatabase { url in
            let connection = try await PostgresConnection.connect(PostgresConfiguration(url(role)))
            let server = try await connection.server()
            await connection.close()
            return server
        }

        #expect(server.user == role)
        #expect(server.isSuperuser == (role == "postgres"))
        #expect(server.hasRole("pg_monitor") == (role != "nobody_role"))
        #expect(Set(server.extensions.keys).isSuperset(of: ["pg_stat_statements", "pgstattuple", "hypopg"]))
    }

    @Test("A key prefix is one's own, and its keys are gone afterwards")
    func keysAreRemoved() async throws {
        let servers = try await TestServers.shared()

        let key = try await servers.withKeyPrefix { client, prefix in
            try await client.set(prefix + "a*[b]", "1")
            #expect(try await client.exists(prefix + "a*[b]"))
            return prefix + "a*[b]"
        }

        let isLeft = try await servers.withKeyPrefix { client, prefix in
            #expect(!key.hasPrefix(prefix))
            return try await client.exists(key)
        }
        #expect(!isLeft)
    }

    @Test("The settings are those that the checks rest on")
    func settings() async throws {
        let servers = try await TestServers.shared()

        let settings = try await servers.withSchema { connection, _ in
            try await connection.query(
                """
                SELECT name, setting FROM pg_settings
                WHERE name IN ('fsync', 'listen_addresses', 'pg_stat_statements.track', 'track_commit_timestamp',
                               'track_io_timing')
                ORDER BY name
                """,
                as: (String, String).self
            ).map { "\($0.0)=\($0.1)" }
        }

        #expect(
            settings == [
                "fsync=off", "listen_addresses=", "pg_stat_statements.track=top", "track_commit_timestamp=on",
                "track_io_timing=on",
            ]
        )
    }
}
