// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore
import MillwrightDatabase

/// One look at everything Millwright can see: a database and the caches, as one report.
public struct Tuning: Sendable {
    /// The report: one section a concern of the database, one for the caches, and the score.
    public var report: Report
    /// The servers that could not be asked; their sections say *unknown*.
    public var unreachable: [String]

    /// Puts the sections together.
    init(database: Looked, caches: Looked?, at now: Double) {
        let sections = database.sections + (caches?.sections ?? [])
        self.unreachable = [database, caches].compactMap { $0?.unreachable }
        self.report = Report(
            command: "tune",
            title: "Tuning report",
            createdAt: now,
            sections: sections,
            // Half of the servers would earn the mark of all.
            score: self.unreachable.isEmpty ? Score.of(sections: sections) : nil,
            next: Self.next(after: sections)
        )
    }

    /// Sections of one server, or why there are none to speak of.
    struct Looked: Sendable {
        var sections: [Section]
        var unreachable: String?

        /// What was seen.
        init(_ sections: [Section]) { self.sections = sections }

        /// A server that could not be asked: one section that says so.
        init(unreachable server: String, key: String, title: String, error: any Error) {
            self.unreachable = server
            let outcome = CheckOutcome(
                name: "\(key)-connection",
                title: "Connection",
                verdict: .unknown(reason: "\(error)", cure: "manage health_check")
            )
            self.sections = [Section(key, title: title, outcomes: [outcome])]
        }
    }

    /// The commands that say more about what was found.
    private static func next(after sections: [Section]) -> [String] {
        let commands = [
            "indexes": "index_audit", "queries": "slow_queries", "vacuum": "vacuum_schedule", "pools": "pool_health",
            "locks": "pool_health", "caches": "cache_stats",
        ]
        let found = sections.filter { !$0.outcomes.flatMap(\.verdict.findings).isEmpty }
        let names = found.compactMap { commands[$0.key] }
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }.map { "manage \($0)" }
    }
}
