// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightDatabase

/// What a command says that changes indexes: the plan before, the outcomes after.
enum IndexChangeReport {
    /// The plan, as statements that can be pasted into psql.
    ///
    /// - Parameter unproved: what a killed run has built and not measured.
    static func report(
        _ previews: [IndexBuilder.Preview],
        of command: String,
        unproved: [String] = []
    ) -> Report {
        let plans = previews.map(\.plan)
        var steps = Table(
            "steps",
            title: "Steps",
            columns: [
                .init("step", "Step"), .init("statement", "Statement"), .init("lock", "Lock"),
                .init("waits_for", "Waits for"), .init("undo", "Undo"), .init("verified_by", "Verified by"),
            ]
        )
        for step in plans.flatMap(\.steps) {
            steps.rows.append([
                .text(step.kind.rawValue), .text("\(step.statement);"), .text(step.lock), .text(step.waitsFor),
                step.undo.map { .text("\($0);") } ?? .missing, .text(step.verification),
            ])
        }
        let sessions = Set(previews.flatMap(\.inTheWay).map(\.words)).sorted()
        let section = Section(
            "plan",
            title: "Plan",
            facts: plans.compactMap { plan in plan.note.map { Evidence(plan.subject, .text($0)) } }
                + sessions.map { Evidence("in the way now", .text($0)) },
            outcomes: unproved.isEmpty ? [] : [Self.unproved(unproved)],
            tables: steps.rows.isEmpty ? [] : [steps]
        )
        let next = steps.rows.isEmpty ? [] : ["manage \(command) … --apply"]
        return Report(command: command, title: "Index changes", createdAt: Now.seconds, sections: [section], next: next)
    }

    /// Writes what became of the indexes and says how the command ends.
    ///
    /// - Parameters:
    ///   - before: what is reported before them.
    ///   - after: what is reported after them.
    ///   - time: what the workload took, where a set was measured as a whole.
    static func finish(
        _ outcomes: [IndexOutcome],
        of command: String,
        after before: [Section] = [],
        then after: [Section] = [],
        measured time: SetOutcome.Time? = nil,
        in context: CommandContext
    ) -> ExitCode {
        let section = Section(
            "outcomes",
            title: "Outcomes",
            facts: time.map(Self.facts) ?? Self.measured(outcomes),
            outcomes: [
                CheckOutcome(
                    name: "index-changes",
                    title: "Index changes",
                    verdict: .of(
                        outcomes.compactMap(Self.finding),
                        evidence: [Evidence("indexes", .count(outcomes.count))]
                    )
                )
            ],
            tables: [Self.table(of: outcomes)] + Self.trials(outcomes) + Self.duplicates(outcomes)
        )
        let title = before.first?.title ?? "Index changes"
        let report = Report(
            command: command,
            title: title,
            createdAt: Now.seconds,
            sections: before + [section] + after
        )
        let code = context.finish(report, failLevel: .warning)
        return outcomes.compactMap(\.failure).first?.error.code ?? code
    }

    /// Says what a killed run has built to measure it, and has not.
    static func unproved(_ names: [String]) -> CheckOutcome {
        let findings = names.map { name in
            Finding(
                "indexes.W082",
                .warning,
                on: name,
                message:
                    "A run that was killed had built it to measure it, and had not: nothing proves that it helps. The next "
                    + "`--apply` of index_advisor or index_build drops it.",
                remedy: Remedy("DROP INDEX CONCURRENTLY \(name);")
            )
        }
        return CheckOutcome(
            name: "unproved-indexes",
            title: "Built and not measured",
            verdict: .of(findings, evidence: [Evidence("indexes", .count(names.count))])
        )
    }

    static func facts(_ time: SetOutcome.Time) -> [Evidence] {
        [
            Evidence("statements measured", .count(time.statements)),
            Evidence("their time before, once each", .seconds(time.before)),
            Evidence("their time with the whole set", .seconds(time.withAll)),
            Evidence("their time after, once each", .seconds(time.after)),
            Evidence("left of their time, each as often as it runs", .share(time.shareLeft)),
        ]
    }

    /// What the statements took before the first change and after the last, those that were measured both times.
    private static func measured(_ outcomes: [IndexOutcome]) -> [Evidence] {
        var (first, last): ([String: Double], [String: Double]) = ([:], [:])
        for outcome in outcomes {
            for row in outcome.trial?.statements ?? [] {
                guard row.after?.isBroken == false, let before = row.before?.seconds, let after = row.after?.seconds
                else { continue }
                first[row.statement] = first[row.statement] ?? before
                last[row.statement] = outcome.result == .built ? after : last[row.statement] ?? before
            }
        }
        guard !first.isEmpty else { return [] }
        return [
            Evidence("statements measured", .count(first.count)),
            Evidence("their time before, once each", .seconds(first.values.reduce(0, +))),
            Evidence("their time after, once each", .seconds(last.values.reduce(0, +))),
        ]
    }

    static func table(of outcomes: [IndexOutcome]) -> Table {
        Table(
            "indexes",
            title: "Indexes",
            columns: [
                .init("index", "Index"), .init("result", "Result"), .init("bytes", "Size"), .init("seconds", "Time"),
                .init("note", "Note"),
            ],
            rows: outcomes.map { outcome in
                [
                    .text(outcome.subject), .text(outcome.result.rawValue),
                    outcome.bytes.map { .bytes($0) } ?? .missing,
                    .seconds(outcome.seconds), outcome.note.map { .text($0) } ?? .missing,
                ]
            }
        )
    }

    static func finding(_ outcome: IndexOutcome) -> Finding? {
        if let failure = outcome.failure {
            return Finding(
                "indexes.E080",
                .error,
                on: outcome.subject,
                message: "\(failure.error.tried) \(failure.error.stopped)",
                evidence: [Evidence("left behind", .text(failure.leftover ?? "nothing"))],
                remedy: Remedy(failure.error.next)
            )
        }
        guard outcome.result == .reverted else { return nil }
        return Finding(
            "indexes.W081",
            .warning,
            on: outcome.subject,
            message: "It was built, measured and dropped again: \(outcome.note ?? "")",
            evidence: [
                Evidence("HOT updates before", (outcome.trial?.hotShareBefore).map(Quantity.share) ?? .missing),
                Evidence("HOT updates with it", (outcome.trial?.hotShareAfter).map(Quantity.share) ?? .missing),
            ]
        )
    }

    static func trials(_ outcomes: [IndexOutcome]) -> [Table] {
        let rows = outcomes.flatMap { outcome in
            (outcome.trial?.statements ?? []).map { row -> [Quantity] in
                [
                    .text(outcome.subject), .text(row.effect.rawValue),
                    (row.before?.seconds).map(Quantity.seconds) ?? .missing,
                    (row.after?.isBroken == true ? nil : row.after?.seconds).map(Quantity.seconds) ?? .missing,
                    (row.before?.blocks).map(Quantity.count) ?? .missing,
                    (row.after?.blocks).map(Quantity.count) ?? .missing,
                    row.reason.map { .text($0) } ?? .missing, .text(row.statement),
                ]
            }
        }
        guard !rows.isEmpty else { return [] }
        return [
            Table(
                "measurements",
                title: "Measured before and after (medians)",
                columns: [
                    .init("index", "Index"), .init("effect", "Effect"), .init("seconds_before", "Time before"),
                    .init("seconds_after", "Time after"), .init("blocks_before", "Pages before"),
                    .init("blocks_after", "Pages after"), .init("reason", "Not run, since"),
                    .init("statement", "Statement"),
                ],
                rows: rows
            )
        ]
    }

    private static func duplicates(_ outcomes: [IndexOutcome]) -> [Table] {
        let rows = outcomes.flatMap { outcome in
            (outcome.failure?.duplicates ?? []).map {
                [Quantity.text(outcome.subject), .text($0.key), .count($0.rows)]
            }
        }
        guard !rows.isEmpty else { return [] }
        return [
            Table(
                "duplicate_keys",
                title: "Keys that more than one row has",
                columns: [.init("index", "Index"), .init("key", "Key"), .init("rows", "Rows")],
                rows: rows
            )
        ]
    }
}
