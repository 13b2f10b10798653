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
            ("57014", "timeout"), ("53100", "out_of_resources"), ("42501", "no_permission"), ("XX000", "error"),
        ]
    )
    func sqlStates(state: String, word: String) {
        #expect(PostgresError(.queryFailed, sqlState: state).healthWord == word)
    }

    @Test("A server that refuses because it stops is not one that starts")
    func stopping() {
        let error = PostgresError(
            .connectionFailed,
            sqlState: "57P03",
            serverMessage: "FATAL:  57P03: the database system is shutting down"
        )

        #expect(error.healthWord == "shutting_down")
    }

    @Test("What never reached the server has its word too")
    func clientSide() {
        #expect(PostgresError(.timedOut).healthWord == "timeout")
        #expect(PostgresError(.connectionFailed).healthWord == "unreachable")
    }

    @Test("A pool without a free place is busy, which is no failure of the database, also where it filled up meanwhile")
    func pool() {
        var state = PoolState(PoolLimits(maximum: 1))
        _ = state.request(waiter: 1, until: .seconds(5))
        _ = state.request(waiter: 2, until: .seconds(5))
        let full = PoolStatistics(state)
        let free = PoolStatistics(PoolState(PoolLimits(maximum: 1)))

        let busy = DatabasePoolHealth.busy(full)

        #expect(busy.status == .warn && busy.code == "postgres.pool_busy")
        #expect(busy.facts.contains(Evidence("pool_waiting", 1)))
        #expect(DatabasePoolHealth.result(of: PostgresError(.timedOut), pool: full) == busy)
        #expect(DatabasePoolHealth.result(of: PostgresError(.timedOut), pool: free).code == "postgres.timeout")
        #expect(
            DatabasePoolHealth.result(of: PostgresError(.connectionFailed), pool: full).code == "postgres.unreachable"
        )
    }

    @Test("Redis's refusals keep their names, and our own full pool is only busy")
    func redis() {
        #expect(CacheHealth.result(of: RedisError(.readOnly)).code == "redis.read_only")
        #expect(CacheHealth.result(of: RedisError(.outOfMemory)).code == "redis.out_of_memory")
        #expect(CacheHealth.result(of: RedisError(.poolExhausted)).status == .warn)
    }
}
