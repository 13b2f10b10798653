// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres
import MillwrightTesting

/// Where the suites' PostgreSQL listens.
func testConfiguration() async throws -> PostgresConfiguration {
    testConfiguration(try await TestServers.shared().superuserURL)
}

/// A busy machine is no reason to give a statement or connection up, so the limits are long.
func testConfiguration(_ url: String) -> PostgresConfiguration {
    var configuration = PostgresConfiguration(url)
    configuration.statementTimeout = .seconds(60)
    configuration.cancelGrace = .seconds(10)
    return configuration
}
