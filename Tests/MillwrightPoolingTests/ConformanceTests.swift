// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("Every driver's pool", .serialized, .timeLimit(.minutes(3)), .enabled(if: TestServers.areAvailable))
struct ConformanceTests {
    private static let postgres = Task { PostgresPoolServer(try await TestServers.private(.postgresOnly)) }
    private static let redis = Task { RedisPoolServer(try await TestServers.private(.redisOnly)) }

    @Test("PostgreSQL's pool", arguments: PoolConformance.allCases)
    func postgres(_ behaviour: PoolConformance) async throws {
        try await behaviour.verify(on: try await Self.postgres.value)
    }

    @Test("Redis' pool", arguments: PoolConformance.allCases)
    func redis(_ behaviour: PoolConformance) async throws {
        try await behaviour.verify(on: try await Self.redis.value)
    }
}
