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
            them again.
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
    }

    func run(in context: CommandContext) async throws -> ExitCode {
        guard self.snapshot || self.dropUnused || self.undo else {
            return try await context.reportDatabase([.indexes], title: "Index audit", nodes: self.node)
        }
        let configuration = PostgresConfiguration(try context.toolkit.databaseSettings(context.globals.database))
        if self.snapshot {
            let section = Section(
                "snapshot",
                title: "Snapshot",
                facts: [Evidence("indexes kept", .count(try await IndexHistory(configuration).keep()))]
            )
            return context.finish(context.report("Index history", sections: [section]))
        }
        let builder = IndexBuilder(configuration, limits: IndexLimits(wait: self.wait))
        let names = self.dropUnused ? try await self.unused(in: context) : []
        guard self.apply else {
            let previews = try await self.undo ? builder.planUndo() : builder.planDrops(of: names)
            return context.finish(IndexChangeReport.report(previews, of: "index_audit"))
        }
        let bar = ProgressBar(context)
        defer { bar.finish() }
        let outcomes =
            try await self.undo
            ? builder.undoDrops { bar.show($0) } : builder.drop(names) { bar.show($0) }
        bar.finish()
        return IndexChangeReport.finish(outcomes, of: "index_audit", in: context)
    }

    /// What the audit calls unused, but for what the settings silence.
    ///
    /// - Throws: ``ToolError`` where it does not know, or did not see what every node reads.
    private func unused(in context: CommandContext) async throws -> [String] {
        let sections = try await context.toolkit.databaseSections(
            of: [.indexes],
            database: context.globals.database,
            nodes: self.node
        )
        let report = Silences(context.settings.silenced).applied(to: context.report("Index audit", sections: sections))
        if case .unknown(let reason, let cure) = report.sections.flatMap(\.outcomes).first(where: {
            $0.name == "unused-indexes"
        })?.verdict {
            throw self.refusal(reason, next: cure ?? "Ask again later.")
        }
        let unused = report.findings.filter { $0.id == "indexes.W020" }
        if let doubtful = unused.first(where: { $0.confidence != .high }) {
            let unseen = doubtful.evidence.filter { $0.name.hasPrefix("node") && $0.name.hasSuffix("not seen") }
            throw self.refusal(
                "Not every node's scans were counted; not seen: \(unseen.map(\.value.text).joined(separator: ", ")).",
                next: "Name each with --node, by its alias in `databases`."
            )
        }
        return unused.map(\.subject)
    }

    private func refusal(_ reason: String, next: String) -> ToolError {
        ToolError(.unavailable, tried: "Looked for unused indexes to drop.", stopped: reason, next: next)
    }
}
