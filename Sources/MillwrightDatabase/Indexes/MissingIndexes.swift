// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Finds indexes that would save the costly statements from reading big tables from end to end.
///
/// The statements come from pg_stat_statements and are read with PostgreSQL's own parser. Candidates have the columns compared for
/// equality first, then one range or the order. With HypoPG the planner itself says what each would save, and only a big saving
/// on a statement that scans a big table is a finding. Without it the guess rests on the columns' statistics and says so.
///
/// Blind spot: expressions, partial and covering indexes, and statements that the parser of PostgreSQL 15 does not take.
struct MissingIndexes: DatabaseCheck {
    static let name = "missing-indexes"
    static let title = "Missing indexes"
    static let ids = ["indexes.W040"]
    static let concern = Concern.indexes
    static let thresholds: [Threshold<Self>] = [
        .count("minimumRows", \.minimumRows, "Smaller tables are scanned quickly enough."),
        .count("minimumCalls", \.minimumCalls, "How often a statement has to have run."),
        .duration("minimumMean", \.minimumMean, "The mean time from which a statement is worth an index."),
        .share("minimumSaving", \.minimumSaving, "The share of a statement's cost that an index has to save."),
        .factor("minimumCost", \.minimumCost, "The planner's cost from which a statement is worth an index."),
        .count("maximumStatements", \.maximumStatements, "How many statements are looked at, the costliest first."),
        .duration("planningTime", \.planningTime, "How long the planner may be asked altogether."),
    ]

    var minimumRows = 10_000
    var minimumCalls = 10
    var minimumMean = Duration.milliseconds(1)
    var minimumSaving = 0.5
    var minimumCost = 100.0
    var maximumStatements = 40
    var planningTime = Duration.seconds(1)

    /// A candidate with a statement that it would help.
    struct Benefit: Sendable, Hashable {
        var candidate: IndexCandidate
        var statement: Statement
        /// The planner's cost without and with the index; nothing where only the columns' statistics were asked.
        var costs: Costs?

        struct Costs: Sendable, Hashable {
            var before: Double
            var after: Double
        }

        /// The seconds that it would have saved since the counters began.
        var seconds: Double {
            guard let costs = self.costs, costs.before > 0 else { return self.statement.totalSeconds / 2 }
            return self.statement.totalSeconds * (1 - costs.after / costs.before)
        }
    }

    struct Observation: Sendable {
        var catalog: Catalog
        var benefits: [Benefit] = []
        /// Big tables that are read from end to end, for whose statements nothing could be judged.
        var unjudged: Set<String> = []
        /// What would let them be judged.
        var cure = "CREATE EXTENSION hypopg;"
        /// Why statements cannot be read.
        var obstacle: Obstacle?
        /// Statements that cost enough to be looked at.
        var costly = 0
        /// Those of them that were not: they are too many, or not understood.
        var passedOver = 0
    }

    func verdict(on observation: Observation) -> Verdict {
        if let obstacle = observation.obstacle { return obstacle.verdict }
        let groups = Dictionary(grouping: observation.benefits, by: \.candidate)
        let findings = Self.withoutPrefixes(groups).map { self.finding($0.key, $0.value, in: observation.catalog) }
        if findings.isEmpty, !observation.unjudged.isEmpty {
            return .unknown(
                reason: "Statements scan \(observation.unjudged.sorted().joined(separator: ", ")), "
                    + "but nothing tells whether an index would help.",
                cure: observation.cure
            )
        }
        return .of(
            findings.sorted { $0.weight > $1.weight },
            evidence: [
                Evidence("statements that cost enough to be looked at", .count(observation.costly)),
                Evidence("of them not looked at", .count(observation.passedOver)),
            ]
        )
    }

    /// Of two candidates of which one begins with the other, the longer one serves both.
    private static func withoutPrefixes(_ groups: [IndexCandidate: [Benefit]]) -> [IndexCandidate: [Benefit]] {
        var kept = groups
        for short in groups.keys {
            guard let long = groups.keys.filter({ short.isPrefix(of: $0) }).max(by: { $0.keys.count < $1.keys.count })
            else { continue }
            kept[short] = nil
            kept[long, default: []] += groups[short] ?? []
        }
        return kept
    }

    private func finding(_ candidate: IndexCandidate, _ benefits: [Benefit], in catalog: Catalog) -> Finding {
        let table = catalog.tables[candidate.table]
        let name = table?.name ?? "the table"
        let worst = benefits.sorted { $0.seconds > $1.seconds }
        let isProved = benefits.contains { $0.costs != nil }
        var evidence = [
            Evidence("rows", .count(Int(table?.likelyRows ?? 0))),
            Evidence("seq_scan", .count(table?.sequentialScans ?? 0)),
            Evidence("seq_tup_read", .count(table?.sequentialRowsRead ?? 0)),
        ]
        for benefit in worst.prefix(3) {
            evidence.append(Evidence("query \(benefit.statement.id)", .text(benefit.statement.oneLine(300))))
            evidence.append(Evidence("its calls", .count(benefit.statement.calls)))
            evidence.append(Evidence("its mean time", .seconds(benefit.statement.meanSeconds)))
            if let costs = benefit.costs {
                evidence.append(Evidence("its cost now", .number(costs.before)))
                evidence.append(Evidence("its cost with the index", .number(costs.after)))
            }
        }
        return Finding(
            "indexes.W040",
            .warning,
            on: "\(name) (\(candidate.columns))",
            message: "Statements read all of \(name) where an index on (\(candidate.columns)) would find their rows.",
            evidence: evidence,
            remedy: Remedy(
                isProved
                    ? "Build it; the planner says it would be used. Look at the same statements afterwards."
                    : "Try it on a copy first: this is a guess from the columns' statistics.",
                commands: ["CREATE INDEX CONCURRENTLY ON \(name) (\(candidate.columns));"]
            ),
            confidence: isProved ? .medium : .low,
            weight: Double(catalog.bytes(table?.pages ?? 0))
        )
    }
}
