// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Every benchmark, in the order in which they run.
enum Benchmarks {
    static let all: [any Benchmark.Type] = [
        PostgresSelect.self,
        PostgresRows.self,
        PostgresCopy.self,
        PoolCheckout.self,
        PoolRaces.self,
        RedisPipelining.self,
        RedisSoak.self,
        SentinelFailovers.self,
        HealthEndpoint.self,
        HealthOutage.self,
        SessionsSteady.self,
        SessionsOutage.self,
        SessionsClear.self,
        AdvisorQuality.self,
        AdvisorRuntime.self,
        AdvisorOnERP.self,
        AdvisorAtScale.self,
        AuditAtScale.self,
    ]
}
