// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import Migrations
import MillwrightCore
import MillwrightDatabase
import MillwrightPostgres
import MillwrightToolkit

/// `manage index_advisor`: which indexes are missing, as a set, under a budget.
struct IndexAdvisorCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "index_advisor",
        abstract: "Find the set of indexes that makes a workload cheapest within a budget.",
        discussion: """
            The workload is what pg_stat_statements has counted, a server's log (plain, CSV or JSON, with durations, values \
            and plans of auto_explain), or SQL files, in which a comment `-- weight: 12` before a statement says how often \
            it runs. The planner itself judges each set, by HypoPG: statements are planned, never \
            executed, and nothing is changed without --apply.

            `--verify` builds the set on a scratch copy of the tables that its statements read, runs the workload's SELECTs \
            there before and after, and advises only what helps and harms none of them; the copy is dropped afterwards. \
            `--apply` builds the set in place while the application goes on, as index_build does; `--apply --verify` \
            measures there, and drops again what does not help.

            `--format sql` prints just the statements that make the set, `--format html --output advice.html` a page with \
            the curve of cost against storage.
            """
    )
    static let kind = CommandKind.look

    @Option(
        help: ArgumentHelp(
            "What to advise for: pg_stat_statements, a file of SQL, a server's log, or a folder.",
            valueName: "workload"
        )
    )
    var workload = "pg_stat_statements"

    @Option(
        help: ArgumentHelp("What all indexes may take: 620MB, or 10% of the database (default).", valueName: "size"),
        transform: BudgetArgument.storage
    )
    var storageBudget: AdvisorOptions.StorageBudget = .share(0.1)

    @Option(help: ArgumentHelp("How many indexes at most.", valueName: "number"))
    var maxIndexes = 50

    @Option(
        help: ArgumentHelp("What may be written because of them each second: 200kB/s.", valueName: "rate"),
        transform: BudgetArgument.rate
    )
    var writeBudget: Double?

    @Option(
        help: ArgumentHelp("How long building all of them may take, as expected: 10m.", valueName: "time"),
        transform: TimeArgument.parse
    )
    var buildBudget: Duration?

    @Flag(
        help: """
            Let existing indexes go that one of the set serves as well: what they take is room for the set, and --apply drops \
            them once it is there.
            """
    )
    var replace = false

    @Option(
        help: ArgumentHelp(
            """
            Weigh GIN indexes, too, which nothing can simulate: build each in a transaction that is rolled back, for so long \
            at most, while those who write to its table wait.
            """,
            valueName: "time"
        ),
        transform: TimeArgument.parse
    )
    var weighGin: Duration?

    @Option(
        help: ArgumentHelp(
            "Show the plan of this query without and with the set; with placeholders ($1) the generic plans, too.",
            valueName: "query"
        )
    )
    var explain: String?

    @Option(
        help: ArgumentHelp(
            "Count what pg_stat_statements has counted since a snapshot that old: 24h.",
            valueName: "time"
        ),
        transform: TimeArgument.parse
    )
    var since: Duration?

    @Flag(
        help: "Keep the counters of pg_stat_statements in millwright.samples for a later --since, and do nothing else."
    )
    var snapshot = false

    @Flag(help: "Build the set in place, one index after the other.")
    var apply = false

    @Flag(
        help:
            "Build and measure: on a scratch copy, or with --apply in place, where what does not help is dropped again."
    )
    var verify = false

    @Flag(help: "With --verify: also build the GIN indexes that the planner cannot be asked about, within the budget.")
    var tryGin = false

    @Option(
        help: ArgumentHelp("What the tables of a scratch copy may take with their indexes (10GB).", valueName: "size"),
        transform: BudgetArgument.size
    )
    var copyLimit: Int?

    @Option(
        help: ArgumentHelp("Make the scratch copy on the server of this database of the settings.", valueName: "alias")
    )
    var copyTo: String?

    @OptionGroup var changes: IndexChangeOptions

    func run(in context: CommandContext) async throws -> ExitCode {
        let bar = ProgressBar(context)
        defer { bar.finish() }
        let advisor = try self.advisor(in: context, bar)
        if self.snapshot {
            context.doing("keeping the statements' counters")
            let section = Section(
                "snapshot",
                title: "Snapshot",
                facts: [Evidence("statements kept", .count(try await advisor.keepStatistics()))]
            )
            return context.finish(context.report("Statement counters", sections: [section]))
        }
        let builder = IndexBuilder(
            PostgresConfiguration(try context.toolkit.databaseSettings(context.globals.database)),
            limits: self.changes.limits
        )
        // advice counts on the indexes that are there
        let cleaned = self.apply ? try await builder.cleanUp() : []
        let unproved = self.apply ? [] : try await builder.unproved()
        context.doing("looking for indexes")
        let advice = try await self.looking(in: context) { try await self.advice(of: advisor) }
        var section = advice.section
        if !unproved.isEmpty { section.outcomes.append(IndexChangeReport.unproved(unproved)) }
        if let explain { section.tables += try await advisor.plans(of: explain, with: advice) }
        bar.finish()
        if self.apply, !advice.recommendations.isEmpty || (self.tryGin && !advice.untested.isEmpty) {
            return try await self.build(advice, after: section, cleaned: cleaned, in: context)
        }
        if !cleaned.isEmpty {
            return IndexChangeReport.finish(cleaned, of: Self.name, after: [section], in: context)
        }
        if self.verify, !advice.recommendations.isEmpty || (self.tryGin && !advice.untested.isEmpty) {
            return try await self.prove(advice, unproved: unproved, in: context)
        }
        return context.finish(context.report("Index advice", sections: [section]))
    }

    /// Builds and measures the set on a scratch copy, and advises what proved itself there.
    private func prove(
        _ advice: IndexAdvice,
        unproved: [String],
        in context: CommandContext
    ) async throws -> ExitCode {
        let settings = try context.toolkit.databaseSettings(context.globals.database)
        let builder = IndexBuilder(PostgresConfiguration(settings), limits: self.changes.limits)
        var options = ScratchOptions(journal: Migrations.journal)
        options.maximumBytes = self.copyLimit ?? options.maximumBytes
        options.server = try self.copyTo.map { PostgresConfiguration(try context.toolkit.databaseSettings($0)) }
        let bar = ProgressBar(context)
        defer { bar.finish() }
        context.doing("measuring the set on a scratch copy")
        let (outcome, copy) = try await builder.prove(
            advice,
            onCopy: options,
            trial: IndexTrial(statements: []),
            isThorough: self.tryGin
        ) { bar.show($0) }
        bar.finish()
        var section = advice.proved(by: outcome).section
        if !unproved.isEmpty { section.outcomes.append(IndexChangeReport.unproved(unproved)) }
        if let explain {
            section.tables += try await self.advisor(in: context).plans(of: explain, with: advice.proved(by: outcome))
        }
        return IndexChangeReport.finish(outcome, on: copy, of: Self.name, after: section, in: context)
    }

    /// Builds the set, and keeps what proves itself where that is asked for.
    private func build(
        _ advice: IndexAdvice,
        after section: Section,
        cleaned: [IndexOutcome],
        in context: CommandContext
    ) async throws -> ExitCode {
        guard advice.judge == .planner || self.verify else {
            throw ToolError(
                .notWell,
                tried: "Prepared to build the set.",
                stopped: "It is an estimate of Millwright's own: HypoPG, with which the planner judges, is not there.",
                next: "CREATE EXTENSION hypopg; or add --verify, so that only what helps in reality stays."
            )
        }
        let settings = try context.toolkit.databaseSettings(context.globals.database)
        let builder = IndexBuilder(PostgresConfiguration(settings), limits: self.changes.limits)
        let bar = ProgressBar(context)
        defer { bar.finish() }
        let count = advice.recommendations.count + (self.tryGin ? advice.untested.count : 0)
        context.doing("building \(count) indexes")
        var trial = IndexTrial(statements: [])
        trial.window = self.changes.watch
        let outcome = try await builder.build(
            advice,
            trial: self.verify ? trial : nil,
            isThorough: self.tryGin
        ) { bar.show($0) }
        let dropped = self.replace ? try await builder.dropReplaced(by: outcome, of: advice) : []
        bar.finish()
        return IndexChangeReport.finish(
            cleaned + outcome.indexes + dropped,
            of: Self.name,
            after: [section],
            measured: outcome.time,
            in: context
        )
    }

    func validate() throws {
        if !(1...1000).contains(self.maxIndexes) {
            throw ValidationError("Between 1 and 1000 indexes can be asked for.")
        }
        if self.since != nil, self.workload != "pg_stat_statements" {
            throw ValidationError("`--since` counts from pg_stat_statements: leave `--workload` out.")
        }
        if self.snapshot, self.since != nil || self.apply || self.explain != nil {
            throw ValidationError("`--snapshot` stands alone.")
        }
        if self.tryGin, !self.verify {
            throw ValidationError("`--try-gin` builds what only a measurement can judge: add `--verify`.")
        }
        if self.copyLimit != nil || self.copyTo != nil, self.apply || !self.verify {
            throw ValidationError(
                "`--copy-limit` and `--copy-to` are of a scratch copy: `--verify` without `--apply` makes one."
            )
        }
    }

    /// With `--apply` the time is for looking alone: builds have limits of their own.
    func wholeTimeout(_ timeout: Duration?) -> Duration? { self.apply ? nil : timeout }

    /// Does the looking within the time that is for it where the command as a whole is not bounded.
    private func looking<Value: Sendable>(
        in context: CommandContext,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard self.apply, let timeout = context.globals.timeout else { return try await body() }
        return try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: timeout)
                throw CommandError.timedOut(Self.name, after: timeout, doing: "looking for indexes")
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }

    /// Part of the time is kept for the end: the plans of the report, and giving the connections back.
    private func options(_ timeout: Duration?) -> AdvisorOptions {
        let whole = timeout ?? .seconds(60)
        return AdvisorOptions(
            storage: self.storageBudget,
            maximumIndexes: self.maxIndexes,
            bytesWrittenPerSecond: self.writeBudget,
            buildTime: self.buildBudget,
            replaces: self.replace,
            rehearsal: self.weighGin,
            timeout: whole * 0.85
        )
    }

    private func advisor(in context: CommandContext, _ bar: ProgressBar? = nil) throws -> IndexAdvisor {
        let settings = try context.toolkit.databaseSettings(context.globals.database)
        return IndexAdvisor(PostgresConfiguration(settings), options: self.options(context.globals.timeout)) {
            bar?.show($0.step, share: $0.share, detail: "\(Units.text(share: $0.costLeft)) of the cost left")
        }
    }

    private func advice(of advisor: IndexAdvisor) async throws -> IndexAdvice {
        if self.workload == "pg_stat_statements" { return try await advisor.adviseFromStatistics(since: self.since) }
        return try await advisor.advise(scripts: WorkloadFiles.read(self.workload))
    }
}

extension Migrations {
    /// What makes the journal in which the steps on a copy are written down.
    fileprivate static var journal: [String] {
        Self.all.filter { ["create_schema", "create_journal"].contains($0.name) }.map(\.up)
    }
}
