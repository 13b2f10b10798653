// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightDatabase

@Suite("Overdue vacuum and dead tuples")
struct VacuumChecksTests {
    private func survey(
        options: [String] = [],
        rule: AutovacuumRule = AutovacuumRule(),
        change: (inout VacuumTable) -> Void
    ) -> VacuumSurvey {
        var table = VacuumTable(
            oid: 1,
            name: "public.t",
            rows: 100_000,
            options: StorageOptions.values(in: options),
            live: 100_000,
            lastVacuum: 500
        )
        change(&table)
        return VacuumSurvey(tables: [table], rule: rule, now: 1000)
    }

    @Test("Due is not overdue: autovacuum comes round once a minute")
    func due() {
        #expect(OverdueVacuum().verdict(on: self.survey { $0.dead = 21_000 }).marks == [])
        #expect(OverdueVacuum().verdict(on: self.survey { $0.dead = 41_000 }).marks == ["vacuum.W001 public.t"])
        #expect(
            OverdueVacuum().verdict(on: self.survey { $0.insertedSinceVacuum = 50_000 }).marks == [
                "vacuum.W001 public.t"
            ]
        )
    }

    @Test("Due with autovacuum switched off will never be done")
    func disabled() {
        let own = OverdueVacuum().verdict(on: self.survey(options: ["autovacuum_enabled=no"]) { $0.dead = 21_000 })
        let everywhere = OverdueVacuum().verdict(
            on: self.survey(rule: AutovacuumRule(isOn: false)) { $0.dead = 21_000 }
        )

        #expect(own.marks == ["vacuum.W003 public.t"])
        #expect(
            own.findings[0].remedy?.commands == [
                "VACUUM (ANALYZE) public.t;", "ALTER TABLE public.t RESET (autovacuum_enabled);",
            ]
        )
        #expect(everywhere.marks == ["vacuum.E004 autovacuum", "vacuum.W003 public.t"])
    }

    @Test("A table that somebody works on now is in good hands, and few rows do not matter")
    func leftAlone() {
        let busy = self.survey {
            $0.dead = 90_000
            $0.isBusy = true
        }
        let small = self.survey {
            $0.rows = 10
            $0.dead = 900
        }

        #expect(OverdueVacuum().verdict(on: busy).marks == [])
        #expect(OverdueVacuum().verdict(on: small).marks == [])
    }

    @Test("Statistics far behind the table are a finding of their own")
    func analyze() {
        let finding = OverdueVacuum().verdict(on: self.survey { $0.modifiedSinceAnalyze = 30_000 }).findings[0]

        #expect(finding.id == "vacuum.W002")
        #expect(finding.remedy?.commands == ["ANALYZE public.t;"])
        #expect(finding.evidence.contains(Evidence("last analyze", "never")))
    }

    @Test("A TOAST table is named by the table it belongs to")
    func toast() {
        let survey = self.survey(options: ["autovacuum_enabled=off"]) {
            $0.isToast = true
            $0.dead = 30_000
        }
        let finding = OverdueVacuum().verdict(on: survey).findings[0]

        #expect(finding.subject == "public.t (TOAST)")
        #expect(finding.remedy?.commands.last == "ALTER TABLE public.t RESET (toast.autovacuum_enabled);")
    }

    @Test("Counters that a crash has emptied are not believed")
    func crash() {
        let lost = self.survey {
            $0.lastVacuum = nil
            $0.inserted = 100
        }
        let complete = self.survey {
            $0.lastVacuum = nil
            $0.inserted = 100_000
        }

        guard case .unknown(_, let cure) = OverdueVacuum().verdict(on: lost),
            case .unknown = DeadTuples().verdict(on: lost)
        else {
            Issue.record("It should not know.")
            return
        }
        #expect(cure == "ANALYZE public.t;")
        #expect(OverdueVacuum().verdict(on: complete) == .ok([Evidence("tables", 1)]))
    }

    @Test("A standby does not know")
    func standby() {
        var survey = self.survey { $0.dead = 90_000 }
        survey.isStandby = true

        guard case .unknown = OverdueVacuum().verdict(on: survey) else {
            Issue.record("It should not know.")
            return
        }
        #expect(OverdueVacuum().exhibits(on: survey) == Exhibits())
    }

    @Test("Many dead rows below a lax threshold are found, what is due is left to the other check")
    func deadTuples() {
        let lax = self.survey(options: ["autovacuum_vacuum_scale_factor=10"]) { $0.dead = 50_000 }

        #expect(DeadTuples().verdict(on: lax).marks == ["vacuum.W020 public.t"])
        #expect(DeadTuples().verdict(on: self.survey { $0.dead = 50_000 }).marks == [])
        #expect(OverdueVacuum().verdict(on: lax).marks == [])
    }

    @Test("The schedule says of each table what comes next and how near it is")
    func schedule() {
        let table = OverdueVacuum().exhibits(on: self.survey { $0.dead = 10_025 }).tables[0]

        #expect(table.rows.count == 1)
        #expect(table.rows[0].prefix(4) == ["public.t", "waiting", "dead tuples", .share(0.5)])
    }
}
