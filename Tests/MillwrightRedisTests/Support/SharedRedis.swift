// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightRedis
import Synchronization

/// One Redis for the tests that break nothing: each gets an empty database of it.
enum SharedRedis {
    // A task of its own, because the test that asks first may be cancelled and the others want the server all the same.
    private static let server = Task { try await PrivateRedis(["databases": "1000"]) }
    private static let last = Atomic(0)

    /// Returns the configuration of a database that no other test uses.
    static func database() async throws -> RedisConfiguration {
        var configuration = try await Self.server.value.configuration
        configuration.database = Self.last.add(1, ordering: .relaxed).newValue
        return configuration
    }
}
