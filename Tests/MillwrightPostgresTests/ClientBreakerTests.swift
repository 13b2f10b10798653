// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightTesting
import Testing

@Suite("The breaker of a PostgreSQL", .timeLimit(.minutes(1)))
struct ClientBreakerTests {
    private func code(_ client: PostgresClient) async -> PostgresError.Code? {
        do {
            _ = try await client.query("SELECT 1")
            return nil
        } catch {
            return (error as? PostgresError)?.code
        }
    }

    @Test("A server that is not there is asked a few times, then by no client of it")
    func refused() async throws {
        let folder = "/tmp/no-such-folder-\(UInt64.random(in: .min ... .max))"
        var configuration = PostgresConfiguration("host=\(folder) dbname=app")
        configuration.breakerThreshold = 3
        configuration.breakerBackoff = Backoff(base: .seconds(600), cap: .seconds(600))
        let client = PostgresClient(configuration)
        let alias = PostgresClient(configuration)

        let first = [await self.code(client), await self.code(client), await self.code(alias)]
        let later = [await self.code(client), await self.code(alias)]

        #expect(first == [.connectionFailed, .connectionFailed, .connectionFailed])
        #expect(later == [.breakerOpen, .breakerOpen])
        let statistics = await alias.statistics()
        #expect(statistics.breaker == .open)
        #expect(statistics.counts.failedToOpen == 1)
        await client.close()
        await alias.close()
    }

    @Test("A server that refuses the database or the role is there: its breaker stays closed")
    func answers() async throws {
        let url = try await TestServers.shared().postgresURL + "&dbname=no_such_database"
        let client = PostgresClient(testConfiguration(url))

        for _ in 0..<10 { #expect(await self.code(client) == .connectionFailed) }

        #expect(await client.statistics().breaker == .closed)
        await client.close()
    }
}
