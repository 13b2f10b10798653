// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

/// Judges the server's settings by what the server did with them, not by what its machine is.
///
/// Only settings with evidence are named: data at risk, checkpoints forced by too little WAL room, sorts that spill to disk, and
/// changes that wait for a restart.
struct ServerSettings: DatabaseCheck {
    static let name = "server-settings"
    static let title = "Server settings"
    static let ids = ["settings.C001", "settings.W002", "settings.W003", "settings.I004"]
    static let concern = Concern.settings
    static let thresholds: [Threshold<Self>] = [
        .share("requestedCheckpointShare", \.requestedCheckpointShare, "The share of checkpoints that may be forced."),
        .count("minimumCheckpoints", \.minimumCheckpoints, "Fewer checkpoints than this prove nothing."),
        .bytes("temporaryBytesPerHour", \.temporaryBytesPerHour, "How much may spill to disk in an hour."),
    ]

    var requestedCheckpointShare = 0.5
    var minimumCheckpoints = 10
    var temporaryBytesPerHour = 1 << 30

    struct Observation: Sendable {
        /// `fsync`, `full_page_writes`, `max_wal_size`, `work_mem` … as SHOW prints them.
        var values: [String: String]
        /// Settings that were changed and wait for a restart.
        var pending: [String] = []
        var timedCheckpoints = 0
        var requestedCheckpoints = 0
        var temporaryFiles = 0
        var temporaryBytes = 0
        var window: StatisticsWindow
    }

    func verdict(on observation: Observation) -> Verdict {
        let findings =
            self.unsafe(observation) + [self.checkpoints(observation), self.spills(observation)].compactMap { $0 }
            + observation.pending.map(self.pending)
        return .of(findings, evidence: observation.window.evidence)
    }

    private func unsafe(_ observation: Observation) -> [Finding] {
        ["fsync", "full_page_writes"].filter { observation.values[$0] == "off" }.map { name in
            Finding(
                "settings.C001",
                .critical,
                on: name,
                message: "With \(name) off, a crash of the machine can destroy the data.",
                evidence: [Evidence(name, false)],
                remedy: Remedy(
                    "Switch it on; only a server whose data can be made anew may run without.",
                    commands: ["ALTER SYSTEM SET \(name) = on;", "SELECT pg_reload_conf();"]
                )
            )
        }
    }

    private func checkpoints(_ observation: Observation) -> Finding? {
        let all = observation.timedCheckpoints + observation.requestedCheckpoints
        let share = Double(observation.requestedCheckpoints) / Double(max(1, all))
        guard all >= self.minimumCheckpoints, share > self.requestedCheckpointShare else { return nil }
        return Finding(
            "settings.W002",
            .warning,
            on: "max_wal_size",
            message:
                "Of \(all) checkpoints \(Quantity.share(share).text) came early, because max_wal_size was reached.",
            evidence: [
                Evidence("requested checkpoints", .count(observation.requestedCheckpoints)),
                Evidence("timed checkpoints", .count(observation.timedCheckpoints)),
                Evidence("max_wal_size", .text(observation.values["max_wal_size"] ?? "")),
            ] + observation.window.evidence,
            remedy: Remedy(
                "Double max_wal_size until most checkpoints come by time; it takes a reload and disk space."
            ),
            confidence: .medium
        )
    }

    private func spills(_ observation: Observation) -> Finding? {
        let hours = max(observation.window.length / 3600, 1)
        let perHour = Double(observation.temporaryBytes) / hours
        guard perHour >= Double(self.temporaryBytesPerHour) else { return nil }
        return Finding(
            "settings.W003",
            .warning,
            on: "work_mem",
            message: "Sorts and hashes wrote \(Quantity.bytes(Int(perHour)).text) an hour to temporary files.",
            evidence: [
                Evidence("temp_files", .count(observation.temporaryFiles)),
                Evidence("temp_bytes", .bytes(observation.temporaryBytes)),
                Evidence("work_mem", .text(observation.values["work_mem"] ?? "")),
            ] + observation.window.evidence,
            remedy: Remedy(
                "Find the statements with temporary blocks (slow_queries lists them); raise work_mem for their role only."
            ),
            confidence: .medium,
            weight: perHour
        )
    }

    private func pending(_ name: String) -> Finding {
        Finding(
            "settings.I004",
            .info,
            on: name,
            message: "\(name) was changed in the configuration, but the server runs with the old value.",
            evidence: [Evidence("pending_restart", true)],
            remedy: Remedy("Restart the server in a maintenance window.")
        )
    }
}

extension ServerSettings {
    func collect(from inspection: Inspection) async throws -> Observation {
        let settings = try await inspection.query(
            """
            /* millwright:server-settings */
            SELECT s.name, pg_catalog.current_setting(s.name), s.pending_restart
            FROM pg_catalog.pg_settings AS s
            WHERE s.pending_restart OR s.name IN ('fsync', 'full_page_writes', 'max_wal_size', 'work_mem')
            ORDER BY s.name
            """
        )
        let counters = try await inspection.query(self.counters(version: inspection.server.versionNumber))
        var values: [String: String] = [:]
        var pending: [String] = []
        for row in settings {
            let name = try row.get(0, as: String.self)
            values[name] = try row.get(1, as: String.self)
            if try row.get(2, as: Bool.self) { pending.append(name) }
        }
        return Observation(
            values: values,
            pending: pending,
            timedCheckpoints: try counters[0].get(0, as: Int.self),
            requestedCheckpoints: try counters[0].get(1, as: Int.self),
            temporaryFiles: try counters[0].get(2, as: Int.self),
            temporaryBytes: try counters[0].get(3, as: Int.self),
            window: try await inspection.window()
        )
    }

    private func counters(version: Int) -> SQL {
        // PostgreSQL 17 gave the checkpointer a view of its own.
        let checkpoints: SQL =
            version >= 170000
            ? "SELECT num_timed AS timed, num_requested AS requested FROM pg_catalog.pg_stat_checkpointer"
            : "SELECT checkpoints_timed AS timed, checkpoints_req AS requested FROM pg_catalog.pg_stat_bgwriter"
        return """
            /* millwright:server-settings */
            SELECT c.timed, c.requested, d.temp_files, d.temp_bytes
            FROM (\(checkpoints)) AS c
            CROSS JOIN pg_catalog.pg_stat_database AS d
            WHERE d.datname = pg_catalog.current_database()
            ORDER BY d.datid
            """
    }
}
