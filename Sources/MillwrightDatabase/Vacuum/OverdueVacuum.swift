// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Finds tables that autovacuum should have taken up and has not.
///
/// The server's own rule says which tables are due. Due is not overdue: autovacuum comes round once a minute. A table is overdue
/// when it is far beyond its threshold with nobody working on it, or due while autovacuum is switched off for it.
struct OverdueVacuum: DatabaseCheck {
    static let name = "overdue-vacuum"
    static let title = "Overdue VACUUM and ANALYZE"
    static let ids = ["vacuum.W001", "vacuum.W002", "vacuum.W003", "vacuum.E004"]
    static let concern = Concern.vacuum
    static let thresholds: [Threshold<Self>] = [
        .factor("overdueFactor", \.overdueFactor, "How many times its threshold a table has reached to be overdue."),
        .count("minimumRows", \.minimumRows, "Fewer dead, inserted or changed rows than this are left alone."),
    ]

    var overdueFactor = 2.0
    var minimumRows = 1000

    func collect(from inspection: Inspection) async throws -> VacuumSurvey { try await inspection.vacuumSurvey() }

    func verdict(on survey: VacuumSurvey) -> Verdict {
        if let obstacle = survey.obstacle { return obstacle.verdict }
        var findings = survey.tables.compactMap { self.finding(Case($0, in: survey)) }
        if let general = self.switchedOff(survey.rule) { findings.insert(general, at: 0) }
        return survey.verdict(findings, minimumRows: 10_000)
    }

    private func switchedOff(_ rule: AutovacuumRule) -> Finding? {
        guard !rule.isOn || !rule.tracksCounts else { return nil }
        let name = rule.isOn ? "track_counts" : "autovacuum"
        return Finding(
            "vacuum.E004",
            .error,
            on: name,
            message: "The setting \(name) is off, so no table is vacuumed or analysed by itself.",
            evidence: [Evidence(name, false)],
            remedy: Remedy(
                "Switch it on; it takes a reload, no restart.",
                commands: ["ALTER SYSTEM SET \(name) = on;", "SELECT pg_reload_conf();"]
            )
        )
    }

    private func finding(_ one: Case) -> Finding? {
        guard !one.table.isBusy, one.table.knowsDeadRows else { return nil }
        let due = [AutovacuumRule.Trigger.deadTuples, .inserts].filter { self.counts($0, in: one) }
        if let trigger = due.max(by: { one.standing.score($0) < one.standing.score($1) }) {
            if one.standing.isDisabled { return one.disabled(trigger) }
            if one.standing.score(trigger) >= self.overdueFactor { return one.overdue(trigger) }
        }
        guard self.counts(.analyze, in: one) else { return nil }
        let isOverdue = one.standing.isDisabled || one.standing.score(.analyze) >= self.overdueFactor
        return isOverdue ? one.unanalyzed() : nil
    }

    private func counts(_ trigger: AutovacuumRule.Trigger, in one: Case) -> Bool {
        one.standing.isDue(trigger) && (one.standing.values[trigger] ?? 0) >= Double(self.minimumRows)
    }
}

/// One table and where it stands.
private struct Case {
    var table: VacuumTable
    var standing: AutovacuumRule.Standing
    var now: Double

    init(_ table: VacuumTable, in survey: VacuumSurvey) {
        self.table = table
        self.standing = survey.rule.standing(of: table)
        self.now = survey.now
    }

    func overdue(_ trigger: AutovacuumRule.Trigger) -> Finding {
        Finding(
            "vacuum.W001",
            .warning,
            on: self.table.subject,
            message: "VACUUM of \(self.table.subject) is overdue: autovacuum should have come long ago.",
            evidence: self.evidence(trigger) + [self.age(self.table.lastVacuum, "last vacuum")],
            remedy: Remedy(
                "Vacuum it, and see what keeps autovacuum away.",
                commands: ["VACUUM (ANALYZE) \(self.table.name);"]
            ),
            weight: self.standing.values[trigger] ?? 0
        )
    }

    func disabled(_ trigger: AutovacuumRule.Trigger) -> Finding {
        let isOwn = self.table.options["autovacuum_enabled"].flatMap(StorageOptions.boolean) == false
        let option = self.table.isToast ? "toast.autovacuum_enabled" : "autovacuum_enabled"
        return Finding(
            "vacuum.W003",
            .warning,
            on: self.table.subject,
            message: "VACUUM of \(self.table.subject) is due, but autovacuum is off\(isOwn ? " for it" : "").",
            evidence: self.evidence(trigger) + [self.age(self.table.lastVacuum, "last vacuum")],
            remedy: Remedy(
                "Vacuum it, and let autovacuum have it again.",
                commands: ["VACUUM (ANALYZE) \(self.table.name);"]
                    + (isOwn ? ["ALTER TABLE \(self.table.name) RESET (\(option));"] : [])
            ),
            weight: self.standing.values[trigger] ?? 0
        )
    }

    func unanalyzed() -> Finding {
        Finding(
            "vacuum.W002",
            .warning,
            on: self.table.subject,
            message: "ANALYZE of \(self.table.subject) is overdue, so plans rest on old statistics.",
            evidence: self.evidence(.analyze) + [self.age(self.table.lastAnalyze, "last analyze")],
            remedy: Remedy(
                "Analyse it; it takes seconds and blocks nobody.",
                commands: ["ANALYZE \(self.table.name);"]
            ),
            weight: self.standing.values[.analyze] ?? 0
        )
    }

    private func evidence(_ trigger: AutovacuumRule.Trigger) -> [Evidence] {
        let names: [AutovacuumRule.Trigger: String] = [
            .deadTuples: "n_dead_tup", .inserts: "n_ins_since_vacuum", .analyze: "n_mod_since_analyze",
        ]
        return [
            Evidence(names[trigger] ?? trigger.rawValue, .count(Int(self.standing.values[trigger] ?? 0))),
            Evidence("threshold", .count(Int(self.standing.thresholds[trigger] ?? 0))),
            Evidence("reltuples", .count(Int(max(0, self.table.rows)))),
        ]
    }

    private func age(_ time: Double?, _ name: String) -> Evidence {
        Evidence(name, time.map { .seconds(max(0, self.now - $0)) } ?? "never")
    }
}
