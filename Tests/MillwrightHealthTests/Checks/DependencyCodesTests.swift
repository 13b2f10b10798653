// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightRedis
import Testing

@testable import MillwrightHealth

@Suite("Words for a dependency's trouble")
struct DependencyCodesTests {
    @Test(
        "An SQLSTATE class has one word",
        arguments: [
            ("57P03", "starting"), ("57P01", "shutting_down"), ("53300", "saturated"), ("28P01", "authentication"),
            ("28000", "authentication"), ("25006", "read_only"), ("08006", "unreachable"), ("3D000", "no_database"),
            ("57014", "timeout"), ("XX000", "error"),
        ]
    )
    func sqlStates(state: String, word: String) {
        #expect(DatabaseHealth.code(of: PostgresError(.queryFailed, sqlState: state)) == word)
    }

    @Test("What never reached the server has its word too")
    func clientSide() {
        #expect(DatabaseHealth.code(of: PostgresError(.timedOut)) == "timeout")
        #expect(DatabaseHealth.code(of: PostgresError(.connectionFailed)) == "unreachable")
    }

    @Test("A server in recovery fails an alias that writes, and is what a replica should be")
    func recovery() {
        #expect(
            DatabaseHealth.result(isInRecovery: true, isReplica: false, pool: nil).code == "postgres.read_only"
        )
        #expect(DatabaseHealth.result(isInRecovery: true, isReplica: true, pool: nil).status == .pass)
    }

    @Test("A pool with waiters is busy, which is no failure of the database")
    func pool() {
        var state = PoolState(PoolLimits(maximum: 1))
        _ = state.request(waiter: 1, until: .seconds(5))
        _ = state.request(waiter: 2, until: .seconds(5))

        let result = DatabaseHealth.result(isInRecovery: false, isReplica: false, pool: PoolStatistics(state))

        #expect(result.status == .warn && result.code == "postgres.pool_busy")
        #expect(result.facts.contains(Evidence("pool_waiting", 1)))
    }

    @Test("Redis's refusals keep their names, and our own full pool is only busy")
    func redis() {
        #expect(CacheHealth.result(of: RedisError(.readOnly)).code == "redis.read_only")
        #expect(CacheHealth.result(of: RedisError(.outOfMemory)).code == "redis.out_of_memory")
        #expect(CacheHealth.result(of: RedisError(.poolExhausted)).status == .warn)
    }
}
