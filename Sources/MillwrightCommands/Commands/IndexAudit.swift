// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCore
import MillwrightDatabase
import MillwrightPostgres
import MillwrightToolkit

/// Says what is wrong with the indexes, and drops unused ones so that they can be had again.
struct IndexAudit: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "index_audit",
        abstract: "Find invalid, duplicate, covered, unused, bloated and missing indexes.",
        discussion: """
            Each finding says what it rests on and which statement cures it; nothing is changed without --apply. \
            `--drop-unused --apply` drops what the audit calls unused and keeps the definitions; `--undo --apply` builds \
            them again. With `--watch 60s` it watches the application's statements on those tables for that time \
            afterwards: where one of them reads at least twice the pages each call and takes longer, the index is built again.
            """
    )
    static var kind: CommandKind { .look }

    @Option(
        help: ArgumentHelp("A standby whose scans count as well, by its alias in `databases`.", valueName: "alias")
    )
    var node: [String] = []

    @Flag(help: "Keep which indexes there are, so that a later audit knows how old they are, and do nothing else.")
    var snapshot = false

    @Flag(help: "Plan to drop the unused indexes.")
    var dropUnused = false

    @Flag(help: "Plan to build the dropped indexes again, last one first.")
    var undo = false

    @Flag(help: "Do what is planned.")
    var apply = false

    @Option(
        help: ArgumentHelp(
            "How long the application's statements are watched after the drops; what one of them misses is built again.",
            valueName: "time"
        ),
        transform: TimeArgument.parse
    )
    var watch: Duration?

    @Option(
        help: ArgumentHelp("How long it waits for transactions that are in its way.", valueName: "time"),
        transform: TimeArgument.parse
    )
    var wait: Duration = .seconds(60)

    func validate() throws {
        if self.dropUnused, self.undo { throw ValidationError("Choose one of `--drop-unused` and `--undo`.") }
        if self.snapshot, self.dropUnused || self.undo || !self.node.isEmpty {
            throw ValidationError("`--snapshot` stands alone.")
        }
        if self.apply, !self.dropUnused, !self.undo {
            throw ValidationError("Say what to apply: `--drop-unused` or `--undo`.")
        }
        if self.watch != nil, !self.dropUnused || !self.apply {
            throw ValidationError("`--watch` watches what `--drop-unused --apply` does.")
        }
    }

    func run(in context: CommandContext) async throws -> ExitCode {
        if self.snapshot { return try await self.keepHistory(in: context) }
        if self.dropUnused { return try await self.dropUnused(in: context) }
        if self.undo { return try await self.undoDrops(in: context) }
        return try await context.reportDatabase([.indexes], title: "Index audit", nodes: self.node)
    }

    private func keepHistory(in context: CommandContext) async throws -> ExitCode {
        let configuration = PostgresConfiguration(try context.toolkit.databaseSettings(context.globals.database))
        let section = Section(
            "snapshot",
            title: "Snapshot",
            facts: [Evidence("indexes kept", .count(try await IndexHistory(configuration).keep()))]
        )
        return context.finish(context.report("Index history", sections: [section]))
    }
}
