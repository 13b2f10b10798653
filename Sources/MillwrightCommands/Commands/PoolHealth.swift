// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCore
import MillwrightDatabase

/// Says how many connections are left and who keeps them.
struct PoolHealth: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "pool_health",
        abstract: "Show who is connected, how many connections are left, and who keeps them idle.",
        discussion: "Only client connections count, against what an ordinary role can have."
    )
    static var kind: CommandKind { .look }

    func run(in context: CommandContext) async throws -> ExitCode {
        try await context.reportDatabase([.pools, .locks], title: "Connections")
    }
}
