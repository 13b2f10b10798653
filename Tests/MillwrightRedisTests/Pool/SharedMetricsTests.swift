// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MetricsTestKit
import MillwrightCore
import MillwrightPooling
import Testing

@testable import MillwrightRedis

@Suite("The metrics of the connection that all tasks share", .timeLimit(.minutes(1)))
struct SharedMetricsTests {
    private let metrics = TestMetrics()
    private let labels = [("driver", "redis"), ("pool", "erp")]

    private func client(_ configuration: RedisConfiguration) -> RedisClient {
        RedisClient(configuration, observation: PoolObservation("erp", metrics: self.metrics))
    }

    private func count(_ name: String, reason: String) throws -> Int64 {
        try self.metrics.expectCounter(name, self.labels + [("reason", reason)]).totalValue
    }

    @Test("count it by itself, beside those that are lent")
    func openedAndClosed() async throws {
        let client = self.client(try await SharedRedis.database())

        try await client.ping()
        try await client.withConnection { try await $0.ping() }
        #expect(try self.count(PoolMetrics.closed, reason: "shared") == 0)
        await client.close()

        #expect(try self.count(PoolMetrics.opened, reason: "shared") == 1)
        #expect(try self.count(PoolMetrics.opened, reason: "demand") == 1)
        #expect(try self.count(PoolMetrics.closed, reason: "shared") == 1)
        #expect(try self.count(PoolMetrics.closed, reason: "shutdown") == 1)
    }

    @Test("count that it could not be opened, and how the breaker stands for it")
    func failed() async throws {
        var configuration = RedisConfiguration(endpoint: .unix(path: "/tmp/no/redis/for/metrics"))
        configuration.breakerThreshold = 1
        configuration.breakerBackoff = Backoff(base: .seconds(3_600), cap: .seconds(3_600))
        let client = self.client(configuration)

        for _ in 0..<3 { await #expect(throws: RedisError.self) { try await client.ping() } }

        #expect(try self.metrics.expectCounter(PoolMetrics.failedToOpen, self.labels).totalValue == 1)
        #expect(try self.metrics.expectRecorder(PoolMetrics.breaker, self.labels).lastValue == 2)
        await client.close()
    }
}
