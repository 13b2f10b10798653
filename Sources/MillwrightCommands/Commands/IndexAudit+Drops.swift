// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightDatabase
import MillwrightPostgres
import MillwrightToolkit

extension IndexAudit {
    /// What the audit says of unused indexes.
    private struct Unused {
        /// Those to drop, quoted and qualified.
        var names: [String]
        /// What the check said, but for what the settings silence.
        var outcome: CheckOutcome?
    }

    /// Plans to drop the unused indexes, or drops them.
    func dropUnused(in context: CommandContext) async throws -> ExitCode {
        let unused = try await self.unused(in: context)
        guard !unused.names.isEmpty else { return context.finish(Self.nothingToDrop(unused)) }
        let builder = try self.builder(in: context)
        guard self.apply else {
            let previews = try await builder.planDrops(of: unused.names)
            return context.finish(IndexChangeReport.report(previews, of: Self.name))
        }
        let bar = ProgressBar(context)
        defer { bar.finish() }
        context.doing("dropping \(unused.names.count) indexes")
        guard let watch = self.watch else {
            let outcomes = try await builder.drop(unused.names) { bar.show($0) }
            bar.finish()
            return IndexChangeReport.finish(outcomes, of: Self.name, in: context)
        }
        let drops = try await builder.drop(unused.names, watching: watch) { bar.show($0) }
        bar.finish()
        return IndexChangeReport.finish(
            drops.indexes,
            of: Self.name,
            then: [drops.section].compactMap { $0 },
            in: context
        )
    }

    /// Plans to build again what was dropped, or builds it.
    func undoDrops(in context: CommandContext) async throws -> ExitCode {
        let builder = try self.builder(in: context)
        guard self.apply else {
            return context.finish(IndexChangeReport.report(try await builder.planUndo(), of: Self.name))
        }
        let bar = ProgressBar(context)
        defer { bar.finish() }
        let outcomes = try await builder.undoDrops { bar.show($0) }
        bar.finish()
        return IndexChangeReport.finish(outcomes, of: Self.name, in: context)
    }

    private func builder(in context: CommandContext) throws -> IndexBuilder {
        let settings = try context.toolkit.databaseSettings(context.globals.database)
        return IndexBuilder(PostgresConfiguration(settings), limits: IndexLimits(wait: self.wait))
    }

    private static func nothingToDrop(_ unused: Unused) -> Report {
        let section = Section(
            "plan",
            title: "Plan",
            facts: [Evidence("to drop", "nothing: no index was unused for long enough")],
            outcomes: [unused.outcome].compactMap { $0 }
        )
        return Report(command: Self.name, title: "Index changes", createdAt: Now.seconds, sections: [section])
    }

    /// What the audit calls unused, but for what the settings silence.
    ///
    /// - Throws: ``ToolError`` where it does not know, or did not see what every node reads.
    private func unused(in context: CommandContext) async throws -> Unused {
        let sections = try await context.toolkit.databaseSections(
            of: [.indexes],
            database: context.globals.database,
            nodes: self.node
        )
        let report = Silences(context.settings.silenced).applied(to: context.report("Index audit", sections: sections))
        let outcome = report.sections.flatMap(\.outcomes).first { $0.name == "unused-indexes" }
        if case .unknown(let reason, let cure) = outcome?.verdict {
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
        return Unused(names: unused.map(\.subject), outcome: outcome)
    }

    private func refusal(_ reason: String, next: String) -> ToolError {
        ToolError(.unavailable, tried: "Looked for unused indexes to drop.", stopped: reason, next: next)
    }
}
