// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCore
import MillwrightDatabase

/// Says which statements take the server's time, and who waits for whom.
struct SlowQueries: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "slow_queries",
        abstract: "Find slow statements, blocked sessions and idle transactions.",
        discussion: "Times come from pg_stat_statements; nothing in it is reset."
    )
    static var kind: CommandKind { .look }

    func run(in context: CommandContext) async throws -> ExitCode {
        try await context.reportDatabase([.queries, .locks], title: "Slow queries")
    }
}
