// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightDatabase

extension IndexChangeReport {
    /// Writes what an advised set did on a scratch copy and says how the command ends: with 0 unless the copy failed.
    ///
    /// - Parameter advice: what proved itself.
    static func finish(
        _ outcome: SetOutcome,
        on copy: ScratchFacts,
        of command: String,
        after advice: Section,
        in context: CommandContext
    ) -> ExitCode {
        let facts = [
            Evidence("proved on", .text("a scratch copy, dropped again; nothing was changed")),
            Evidence("tables copied", .count(copy.tables)),
            Evidence("their size with indexes", .bytes(copy.bytes)),
            Evidence("copied in", .seconds(copy.seconds)),
        ]
        let section = Section(
            "proof",
            title: "Proof on a scratch copy",
            facts: facts + (outcome.time.map(Self.facts) ?? []),
            outcomes: [
                CheckOutcome(
                    name: "index-proof",
                    title: "Advised indexes, measured",
                    verdict: .of(
                        outcome.indexes.compactMap(Self.findingOnCopy),
                        evidence: [Evidence("indexes", .count(outcome.indexes.count))]
                    )
                )
            ],
            tables: [Self.tableOnCopy(outcome.indexes)] + Self.trials(outcome.indexes)
        )
        let report = Report(command: command, title: advice.title, createdAt: Now.seconds, sections: [advice, section])
        let code = context.finish(report)
        return outcome.indexes.compactMap(\.failure).first?.error.code ?? code
    }

    private static func findingOnCopy(_ outcome: IndexOutcome) -> Finding? {
        if outcome.failure != nil { return Self.finding(outcome) }
        guard outcome.result == .reverted else { return nil }
        return Finding(
            "indexes.I092",
            .info,
            on: outcome.subject,
            message: "The planner wants it, and on a copy it did not prove itself: \(outcome.note ?? "")"
        )
    }

    private static func tableOnCopy(_ outcomes: [IndexOutcome]) -> Table {
        var table = Self.table(of: outcomes)
        for (row, outcome) in outcomes.enumerated() {
            switch outcome.result {
            case .built: table.rows[row][1] = .text("proved")
            case .reverted: table.rows[row][1] = .text("not proved")
            default: continue
            }
        }
        return table
    }
}
