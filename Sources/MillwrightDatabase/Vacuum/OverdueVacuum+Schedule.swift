// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

extension OverdueVacuum {
    /// The tables nearest to their next vacuum or analyze, most urgent first.
    func exhibits(on survey: VacuumSurvey) -> Exhibits {
        guard !survey.isStandby else { return Exhibits() }
        let standings = survey.tables.map { ($0, survey.rule.standing(of: $0)) }
        let order = standings.sorted { one, other in
            let scores = (one.1.score(one.1.leading), other.1.score(other.1.leading))
            return scores.0 != scores.1 ? scores.0 > scores.1 : one.0.subject < other.0.subject
        }
        let rows = order.prefix(20).filter { $0.1.score($0.1.leading) > 0.01 }
        let schedule = Table(
            "vacuum_schedule",
            title: "Next to be vacuumed or analysed",
            columns: [
                Table.Column("table", "Table"), Table.Column("state", "State"), Table.Column("trigger", "Next by"),
                Table.Column("reached", "Reached"), Table.Column("value", "Value"),
                Table.Column("threshold", "Threshold"), Table.Column("dead_tuples", "Dead tuples"),
                Table.Column("last_vacuum", "Last vacuum"), Table.Column("last_analyze", "Last analyze"),
            ],
            rows: rows.map { self.row($0, $1) }
        )
        return Exhibits(
            facts: [
                Evidence("tables", .count(survey.tables.count)),
                Evidence("tables due", .count(standings.count { self.isDue($0.1) })),
            ],
            tables: [schedule]
        )
    }

    private func row(_ table: VacuumTable, _ standing: AutovacuumRule.Standing) -> [Quantity] {
        let trigger = standing.leading
        return [
            .text(table.subject), .text(self.state(table, standing)), .text(trigger.rawValue),
            .share(standing.score(trigger)), .count(Int(standing.values[trigger] ?? 0)),
            .count(Int(standing.thresholds[trigger] ?? 0)), table.knowsDeadRows ? .count(table.dead) : .missing,
            table.lastVacuum.map(Quantity.time) ?? .missing, table.lastAnalyze.map(Quantity.time) ?? .missing,
        ]
    }

    private func state(_ table: VacuumTable, _ standing: AutovacuumRule.Standing) -> String {
        if table.isBusy { return "running" }
        if standing.isDisabled { return self.isDue(standing) ? "due, disabled" : "disabled" }
        if !table.knowsDeadRows { return "not known" }
        guard self.isDue(standing) else { return "waiting" }
        return standing.score(standing.leading) >= self.overdueFactor ? "overdue" : "due"
    }

    private func isDue(_ standing: AutovacuumRule.Standing) -> Bool {
        AutovacuumRule.Trigger.allCases.contains(where: standing.isDue)
    }
}
