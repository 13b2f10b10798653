// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Finds tables that are full of dead rows although autovacuum does not think them due.
///
/// Big tables reach that state when the scale factor allows a fifth of many rows, or a storage parameter allows more. What is
/// due is the business of `overdue-vacuum`.
struct DeadTuples: DatabaseCheck {
    static let name = "dead-tuples"
    static let title = "Dead tuples"
    static let ids = ["vacuum.W020"]
    static let concern = Concern.vacuum
    static let thresholds: [Threshold<Self>] = [
        .share("minimumShare", \.minimumShare, "The share of a table's rows that has to be dead."),
        .count("minimumRows", \.minimumRows, "The number of rows that have to be dead."),
    ]

    var minimumShare = 0.2
    var minimumRows = 10_000

    func collect(from inspection: Inspection) async throws -> VacuumSurvey { try await inspection.vacuumSurvey() }

    func verdict(on survey: VacuumSurvey) -> Verdict {
        if let obstacle = survey.obstacle { return obstacle.verdict }
        let findings = survey.tables.filter { self.isFull($0) }.compactMap { table -> Finding? in
            let standing = survey.rule.standing(of: table)
            guard !standing.isDue(.deadTuples), !table.isBusy else { return nil }
            return self.finding(table, standing)
        }
        return survey.verdict(findings, minimumRows: Double(self.minimumRows))
    }

    private func isFull(_ table: VacuumTable) -> Bool {
        table.dead >= self.minimumRows && Self.share(table) >= self.minimumShare
    }

    private static func share(_ table: VacuumTable) -> Double {
        Double(table.dead) / Double(max(1, table.dead + table.live))
    }

    private func finding(_ table: VacuumTable, _ standing: AutovacuumRule.Standing) -> Finding {
        let option = "\(table.isToast ? "toast." : "")autovacuum_vacuum_scale_factor"
        let share = Quantity.share(Self.share(table)).text
        return Finding(
            "vacuum.W020",
            .warning,
            on: table.subject,
            message: "Of the rows of \(table.subject) \(share) are dead, and autovacuum waits for more.",
            evidence: [
                Evidence("n_dead_tup", .count(table.dead)),
                Evidence("n_live_tup", .count(table.live)),
                Evidence("threshold", .count(Int(standing.thresholds[.deadTuples] ?? 0))),
            ],
            remedy: Remedy(
                "Vacuum it, and let autovacuum come earlier.",
                commands: ["VACUUM (ANALYZE) \(table.name);", "ALTER TABLE \(table.name) SET (\(option) = 0.05);"]
            ),
            weight: Double(table.dead)
        )
    }
}
