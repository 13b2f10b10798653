// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCore
import MillwrightDatabase

/// Says what is wrong with the indexes.
struct IndexAudit: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "index_audit",
        abstract: "Find invalid, duplicate, covered, unused, bloated and missing indexes.",
        discussion: "Each finding says what it rests on and which statement cures it; nothing is changed."
    )
    static var kind: CommandKind { .look }

    func run(in context: CommandContext) async throws -> ExitCode {
        try await context.reportDatabase([.indexes], title: "Index audit")
    }
}
