// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Fixtures
import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting

/// One load in a database of its own, for all tests that only look at it; it goes with the test servers.
enum SharedERP {
    static let scale = 0.01

    /// How to reach it.
    static func configuration() async throws -> PostgresConfiguration { try await Self.loading.value }

    private static let loading = Task {
        let servers = try await TestServers.shared()
        let superuser = try await PostgresConnection.connect(PostgresConfiguration(servers.superuserURL))
        try await superuser.execute("CREATE DATABASE shared_erp OWNER app")
        await superuser.close()
        let configuration = PostgresConfiguration(servers.state.url(database: "shared_erp") ?? "")
        try await ERP.load(ERP.LoadOptions(scale: Self.scale), into: configuration)
        return configuration
    }
}
