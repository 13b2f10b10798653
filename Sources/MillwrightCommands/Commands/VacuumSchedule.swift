// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCore
import MillwrightDatabase

/// Says which tables are due for vacuum, which come next, and what holds vacuum back.
struct VacuumSchedule: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "vacuum_schedule",
        abstract: "Show which tables are due for VACUUM and ANALYZE, and what holds them back.",
        discussion: "The thresholds are the server's own, storage parameters included."
    )
    static var kind: CommandKind { .look }

    func run(in context: CommandContext) async throws -> ExitCode {
        try await context.reportDatabase([.vacuum], title: "Vacuum schedule")
    }
}
