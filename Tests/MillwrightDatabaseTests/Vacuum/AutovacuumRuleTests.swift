// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightDatabase

@Suite("The server's rule for autovacuum")
struct AutovacuumRuleTests {
    private func table(rows: Double = 1000, options: [String] = [], change: (inout VacuumTable) -> Void = { _ in })
        -> VacuumTable
    {
        var table = VacuumTable(oid: 1, name: "public.t", rows: rows, options: StorageOptions.values(in: options))
        change(&table)
        return table
    }

    // 250 dead rows with threshold 50 + 0.2 × 1000 did not fire, 251 did.
    @Test("Due is strictly above the threshold", arguments: [(250, false), (251, true)])
    func strict(dead: Int, isDue: Bool) {
        let standing = AutovacuumRule().standing(of: self.table { $0.dead = dead })

        #expect(standing.thresholds[.deadTuples] == 250)
        #expect(standing.isDue(.deadTuples) == isDue)
    }

    @Test("A table that was never analysed counts as empty")
    func neverAnalysed() {
        #expect(AutovacuumRule().standing(of: self.table(rows: -1)).thresholds[.deadTuples] == 50)
    }

    @Test(
        "Storage parameters are read as the server reads them",
        arguments: [
            ("autovacuum_vacuum_scale_factor=1e-3", 51.0), ("autovacuum_vacuum_threshold=10", 210),
            ("autovacuum_vacuum_scale_factor=-1", 250), ("autovacuum_vacuum_scale_factor=0", 50),
        ]
    )
    func options(option: String, threshold: Double) {
        #expect(AutovacuumRule().standing(of: self.table(options: [option])).thresholds[.deadTuples] == threshold)
    }

    @Test("PostgreSQL 18 has a maximum and counts unfrozen pages; earlier ones do neither")
    func eighteen() {
        let table = self.table(rows: 1e9) { ($0.pages, $0.frozenPages) = (100, 75) }
        let old = AutovacuumRule(version: 170_004).standing(of: table)
        let new = AutovacuumRule(version: 180_000).standing(of: table)
        let unlimited = AutovacuumRule(version: 180_000, vacuumMaximum: -1).standing(of: table)

        #expect(old.thresholds[.deadTuples] == 200_000_050)
        #expect(new.thresholds[.deadTuples] == 100_000_000)
        #expect(unlimited.thresholds[.deadTuples] == 200_000_050)
        #expect(old.thresholds[.inserts] == 200_001_000)
        #expect(new.thresholds[.inserts] == 50_001_000)
    }

    @Test("Inserts count for vacuum unless -1 switches that off; -2 means as the server has it")
    func inserts() {
        #expect(AutovacuumRule(insertThreshold: -1).standing(of: self.table()).thresholds[.inserts] == nil)
        let off = self.table(options: ["autovacuum_vacuum_insert_threshold=-1"])
        let same = self.table(options: ["autovacuum_vacuum_insert_threshold=-2"])
        #expect(AutovacuumRule().standing(of: off).thresholds[.inserts] == nil)
        #expect(AutovacuumRule().standing(of: same).thresholds[.inserts] == 1200)
    }

    @Test("A TOAST table is not analysed, and a storage parameter makes freezing only earlier")
    func others() {
        #expect(AutovacuumRule().standing(of: self.table { $0.isToast = true }).thresholds[.analyze] == nil)
        let later = self.table(options: ["autovacuum_freeze_max_age=900000000"])
        let earlier = self.table(options: ["autovacuum_freeze_max_age=100000"])
        #expect(AutovacuumRule().standing(of: later).thresholds[.wraparound] == 200_000_000)
        #expect(AutovacuumRule().standing(of: earlier).thresholds[.wraparound] == 100_000)
    }

    @Test(
        "A Boolean storage parameter has the server's spellings",
        arguments: [
            ("no", false), ("off", false), ("0", false), ("f", false), ("FALSE", false), ("n", false), ("of", false),
            ("on", true), ("yes", true), ("t", true), ("1", true), ("tru", true),
        ]
    )
    func booleans(text: String, value: Bool) {
        #expect(StorageOptions.boolean(text) == value)
        let standing = AutovacuumRule().standing(of: self.table(options: ["autovacuum_enabled=\(text)"]))
        #expect(standing.isDisabled == !value)
    }

    @Test("What is no Boolean is none, and what is no option is left out")
    func nonsense() {
        #expect(StorageOptions.boolean("") == nil)
        #expect(StorageOptions.boolean("o") == nil)
        #expect(StorageOptions.values(in: ["a=b=c", "nothing"]) == ["a": "b=c"])
    }

    @Test("The server's settings are taken over by name")
    func settings() {
        let rule = AutovacuumRule(
            ["autovacuum": "off", "autovacuum_vacuum_scale_factor": "0.01", "track_counts": "on"],
            version: 160_000
        )

        #expect(!rule.isOn)
        #expect(rule.tracksCounts)
        #expect(rule.vacuumScale == 0.01)
        #expect(rule.analyzeScale == 0.1)
    }
}
