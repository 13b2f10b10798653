// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Fixtures
import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting

/// One load in a database of its own, for all tests that leave its rows as they are; it goes with the test servers.
enum SharedERP {
    static let scale = 0.01

    /// How to reach it.
    static func configuration() async throws -> PostgresConfiguration { try await Self.loading.value.configuration }

    /// The server's counts of each table, taken before any test touched one: what is rolled back counts as dead.
    static func countsAfterLoad() async throws -> [Counts] { try await Self.loading.value.counts }

    struct Counts: Sendable {
        var table: String
        var live: Int
        var dead: Int
    }

    private static let loading = Task { () -> (configuration: PostgresConfiguration, counts: [Counts]) in
        let servers = try await TestServers.shared()
        let superuser = try await PostgresConnection.connect(PostgresConfiguration(servers.superuserURL))
        try await superuser.execute("CREATE DATABASE shared_erp OWNER app")
        await superuser.close()
        let configuration = PostgresConfiguration(servers.state.url(database: "shared_erp") ?? "")
        try await ERP.load(ERP.LoadOptions(scale: Self.scale), into: configuration)
        let connection = try await PostgresConnection.connect(configuration)
        let counts = try await connection.query(
            "SELECT relname::text, n_live_tup, n_dead_tup FROM pg_stat_user_tables ORDER BY relname",
            as: (String, Int, Int).self
        )
        await connection.close()
        return (configuration: configuration, counts: counts.map { Counts(table: $0.0, live: $0.1, dead: $0.2) })
    }
}
