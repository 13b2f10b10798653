// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import Foundation
import MillwrightCore
import MillwrightDatabase
import MillwrightPostgres
import MillwrightToolkit

/// `manage index_build`: builds indexes while the application goes on, and keeps them only where they help.
struct IndexBuildCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "index_build",
        abstract: "Build indexes while the application goes on; keep them only where they help.",
        discussion: """
            Without --apply it shows each step: what runs, what it locks, whom it would wait for, and how it is taken back. \
            With --verify the SELECTs of a workload are measured before and after, and an index that helps none of them, \
            harms one, or ends HOT updates is dropped again. Statements of the workload that write are never run.
            """
    )
    static var kind: CommandKind { .act }

    @Argument(help: ArgumentHelp("CREATE INDEX statements; CONCURRENTLY is added.", valueName: "statement"))
    var statements: [String] = []

    @Option(help: ArgumentHelp("A file with CREATE INDEX statements.", valueName: "path"))
    var file: String?

    @Flag(help: "Do it.")
    var apply = false

    @Flag(help: "Measure before and after, and drop again what does not help; needs --workload.")
    var verify = false

    @Option(help: ArgumentHelp("A file with the statements that have to gain.", valueName: "path"))
    var workload: String?

    @OptionGroup var changes: IndexChangeOptions

    func validate() throws {
        if self.statements.isEmpty, self.file == nil {
            throw ValidationError("Give a statement, as in `index_build 'CREATE INDEX ON orders (customer_id)'`.")
        }
        if self.verify, self.workload == nil {
            throw ValidationError("`--verify` needs `--workload`, a file of SELECTs.")
        }
        if self.verify, !self.apply { throw ValidationError("`--verify` measures what was built: add `--apply`.") }
    }

    func run(in context: CommandContext) async throws -> ExitCode {
        let requests = try self.requests()
        let trial = try self.trial(in: context)
        let settings = try context.toolkit.databaseSettings(context.globals.database)
        let builder = IndexBuilder(PostgresConfiguration(settings), limits: self.changes.limits)
        guard self.apply else {
            context.doing("planning \(requests.count) indexes")
            let unproved = try await builder.unproved()
            return context.finish(
                IndexChangeReport.report(try await builder.plan(requests), of: self.name, unproved: unproved)
            )
        }
        let bar = ProgressBar(context)
        context.doing("building \(requests.count) indexes")
        defer { bar.finish() }
        let cleaned = try await builder.cleanUp()
        let outcomes = cleaned + (try await builder.build(requests, trial: trial) { bar.show($0) })
        bar.finish()
        return IndexChangeReport.finish(outcomes, of: self.name, in: context)
    }

    private var name: String { Self.name }

    private func requests() throws -> [CreateIndex] {
        let texts = try self.statements + (self.file.map { [try IndexFile.read($0)] } ?? [])
        return try texts.flatMap { try CreateIndex.parse($0) }
    }

    private func trial(in context: CommandContext) throws -> IndexTrial? {
        guard self.verify, let workload = self.workload else { return nil }
        var (trial, left) = IndexTrial.parse(try IndexFile.read(workload))
        trial.window = self.changes.watch
        if !left.isEmpty {
            context.say("\(left.count) statements of the workload are no SELECTs and are not measured.")
        }
        guard !trial.statements.isEmpty else {
            throw ToolError(
                .usage,
                tried: "Read the workload \(workload).",
                stopped: "There is no SELECT in it.",
                next: "Give statements that the index is meant for, each ended by a semicolon."
            )
        }
        return trial
    }
}

/// Reads a file that the command line names.
private enum IndexFile {
    static func read(_ path: String) throws(ToolError) -> String {
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw ToolError(
                .usage,
                tried: "Read the file \(path).",
                stopped: "It is not there, may not be read, or is no UTF-8 text.",
                next: "Give the path of a file of SQL."
            )
        }
    }
}

extension ProgressBar {
    /// Shows how far a change of indexes is.
    func show(_ progress: IndexProgress) {
        let waiting = progress.waitingFor.first.map { ": \($0.words)" } ?? ""
        self.show(
            progress.step.map { "\($0.kind.rawValue) \($0.subject)" } ?? progress.activity,
            share: progress.share ?? 0,
            detail: progress.phase + waiting
        )
    }
}
