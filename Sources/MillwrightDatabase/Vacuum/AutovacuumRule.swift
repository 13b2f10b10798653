// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// The server's own rule for when autovacuum takes up a table: `relation_needs_vacanalyze()` of PostgreSQL 13 to 18.
struct AutovacuumRule: Sendable, Hashable {
    var version = 150000
    var isOn = true
    var tracksCounts = true
    var vacuumThreshold = 50.0
    var vacuumScale = 0.2
    /// PostgreSQL 18; negative is no maximum.
    var vacuumMaximum = 100_000_000.0
    /// Negative is off.
    var insertThreshold = 1000.0
    var insertScale = 0.2
    var analyzeThreshold = 50.0
    var analyzeScale = 0.1
    var freezeMaximumAge = 200_000_000.0
    var multixactMaximumAge = 400_000_000.0

    /// What makes a table due.
    enum Trigger: String, Sendable, CaseIterable {
        case deadTuples = "dead tuples"
        case inserts
        case analyze
        case wraparound
    }

    /// Where a table stands: each value with the threshold that it has to **exceed**.
    struct Standing: Sendable, Hashable {
        var values: [Trigger: Double]
        var thresholds: [Trigger: Double]
        /// Off for this table or everywhere; only anti-wraparound goes on then.
        var isDisabled: Bool

        /// The share of the threshold that is reached; due above 1.
        func score(_ trigger: Trigger) -> Double {
            guard let value = self.values[trigger], let threshold = self.thresholds[trigger] else { return 0 }
            return value / max(threshold, 1)
        }

        /// Whether the server would act if it were not switched off: strictly above the threshold.
        func isDue(_ trigger: Trigger) -> Bool {
            guard let value = self.values[trigger], let threshold = self.thresholds[trigger] else { return false }
            return value > threshold
        }

        /// The trigger that is furthest.
        var leading: Trigger {
            Trigger.allCases.max { self.score($0) < self.score($1) } ?? .deadTuples
        }
    }

    /// Applies the rule to one table.
    func standing(of table: VacuumTable) -> Standing {
        let rows = max(0, table.rows)
        var thresholds: [Trigger: Double] = [:]
        thresholds[.deadTuples] = self.vacuumThreshold(of: table, rows: rows)
        thresholds[.inserts] = self.insertThreshold(of: table, rows: rows)
        // A TOAST table has no columns that a planner would want to know of.
        if !table.isToast {
            let scale = table.setting("analyze_scale_factor") ?? self.analyzeScale
            thresholds[.analyze] = (table.setting("analyze_threshold") ?? self.analyzeThreshold) + scale * rows
        }
        // A storage parameter can only make it earlier.
        thresholds[.wraparound] = min(table.setting("freeze_max_age") ?? .infinity, self.freezeMaximumAge)
        let isEnabled = table.options["autovacuum_enabled"].flatMap(StorageOptions.boolean) ?? true
        return Standing(
            values: [
                .deadTuples: Double(table.dead), .inserts: Double(table.insertedSinceVacuum),
                .analyze: Double(table.modifiedSinceAnalyze), .wraparound: Double(table.transactionAge),
            ],
            thresholds: thresholds,
            isDisabled: !isEnabled || !self.isOn || !self.tracksCounts
        )
    }

    private func vacuumThreshold(of table: VacuumTable, rows: Double) -> Double {
        let base = table.setting("vacuum_threshold") ?? self.vacuumThreshold
        let threshold = base + (table.setting("vacuum_scale_factor") ?? self.vacuumScale) * rows
        // PostgreSQL 18 brought the maximum; -1 is a value here: no maximum.
        guard self.version >= 180000 else { return threshold }
        let maximum = table.number("vacuum_max_threshold") ?? self.vacuumMaximum
        return maximum >= 0 ? min(threshold, maximum) : threshold
    }

    private func insertThreshold(of table: VacuumTable, rows: Double) -> Double? {
        // Here -1 switches it off, and -2 means "as the server has it".
        let own = table.number("vacuum_insert_threshold").flatMap { $0 <= -2 ? nil : $0 }
        let base = own ?? self.insertThreshold
        guard base >= 0 else { return nil }
        let scale = table.setting("vacuum_insert_scale_factor") ?? self.insertScale
        // PostgreSQL 18 counts only the pages that are not frozen yet.
        var share = 1.0
        if self.version >= 180000, let frozen = table.frozenPages, frozen > 0, table.pages > 0 {
            share = 1 - Double(min(frozen, table.pages)) / Double(table.pages)
        }
        return base + scale * rows * share
    }
}

extension VacuumTable {
    /// A storage parameter of autovacuum; legal spellings include `1e-3`.
    fileprivate func number(_ name: String) -> Double? { self.options["autovacuum_\(name)"].flatMap(Double.init) }

    /// The same where -1 means "as the server has it".
    fileprivate func setting(_ name: String) -> Double? { self.number(name).flatMap { $0 < 0 ? nil : $0 } }
}

extension AutovacuumRule {
    /// Reads the server's settings.
    static func read(from inspection: Inspection) async throws -> AutovacuumRule {
        let rows = try await inspection.query(
            """
            /* millwright:autovacuum-settings */
            SELECT s.name, s.setting
            FROM pg_catalog.pg_settings AS s
            WHERE s.name LIKE 'autovacuum%' OR s.name = 'track_counts'
            ORDER BY s.name
            """
        )
        let pairs = try rows.map { (try $0.get(0, as: String.self), try $0.get(1, as: String.self)) }
        return AutovacuumRule(Dictionary(pairs) { $1 }, version: inspection.server.versionNumber)
    }

    init(_ settings: [String: String], version: Int) {
        self.init(version: version)
        let number = { (name: String, fallback: Double) in settings[name].flatMap(Double.init) ?? fallback }
        self.isOn = settings["autovacuum"] != "off"
        self.tracksCounts = settings["track_counts"] != "off"
        self.vacuumThreshold = number("autovacuum_vacuum_threshold", self.vacuumThreshold)
        self.vacuumScale = number("autovacuum_vacuum_scale_factor", self.vacuumScale)
        self.vacuumMaximum = number("autovacuum_vacuum_max_threshold", self.vacuumMaximum)
        self.insertThreshold = number("autovacuum_vacuum_insert_threshold", self.insertThreshold)
        self.insertScale = number("autovacuum_vacuum_insert_scale_factor", self.insertScale)
        self.analyzeThreshold = number("autovacuum_analyze_threshold", self.analyzeThreshold)
        self.analyzeScale = number("autovacuum_analyze_scale_factor", self.analyzeScale)
        self.freezeMaximumAge = number("autovacuum_freeze_max_age", self.freezeMaximumAge)
        self.multixactMaximumAge = number("autovacuum_multixact_freeze_max_age", self.multixactMaximumAge)
    }
}
