// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting
import Testing

@testable import Migrations

@Suite("Migrations and the servers in between", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct MigrationServersTests {
    @Test("A standby and a pooler that swaps connections are refused, the server behind them is not")
    func refusesStandbyAndPooler() async throws {
        var plan = SandboxPlan.postgresOnly
        plan.standby = true
        plan.pgbouncer = true
        let servers = try await TestServers.private(plan)
        let urls = [servers.state.standbyURL, servers.state.pgbouncerURL].map { $0 ?? "" }

        var errors: [MigrationError?] = []
        for url in urls {
            let runner = MigrationRunner(PostgresConfiguration(url))
            errors.append(
                try await runner.refusal()
            )
        }
        let done = try await MigrationRunner(PostgresConfiguration(servers.postgresURL)).migrate()
        try await servers.remove()

        #expect(errors.map(\.?.exitCode) == [.unavailable, .unavailable])
        #expect(errors[0]?.description.contains("standby") == true)
        #expect(errors[1]?.description.contains("pooler") == true)
        #expect(done.count == Migrations.all.count)
    }
}
