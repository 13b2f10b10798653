// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// Where the suite's PostgreSQL listens.
func testConfiguration() async throws -> PostgresConfiguration {
    var configuration = PostgresConfiguration("host=/tmp/mwlead port=54991 user=app dbname=postgres")
    configuration.cancelGrace = .seconds(10)  // a busy machine is no reason to give a connection up
    return configuration
}

/// A connection string with one more option.
func appending(_ option: String, to url: String) throws -> String { url + " " + option }
