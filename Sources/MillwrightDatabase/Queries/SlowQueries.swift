// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Finds statements that are slow and run often, by pg_stat_statements.
///
/// Millwright's own statements (they carry a tag) and utility statements such as COPY and VACUUM are left out. The share is that
/// of all statements of this database.
///
/// Blind spot: statements that were evicted from the view; the facts say how often that happened.
struct SlowQueries: DatabaseCheck {
    static let name = "slow-queries"
    static let title = "Slow queries"
    static let ids = ["queries.W001"]
    static let concern = Concern.queries
    static let thresholds: [Threshold<Self>] = [
        .duration("minimumMean", \.minimumMean, "The mean time from which a statement is slow."),
        .count("minimumCalls", \.minimumCalls, "How often it has to have run."),
        .share("minimumShare", \.minimumShare, "The share of all statements' time it has to take."),
        .count("maximumFindings", \.maximumFindings, "How many statements are named at most, the costliest first."),
    ]

    var minimumMean = Duration.milliseconds(20)
    var minimumCalls = 50
    var minimumShare = 0.01
    var maximumFindings = 10

    func collect(from inspection: Inspection) async throws -> StatementStatistics {
        try await inspection.statements()
    }

    func verdict(on statistics: StatementStatistics) -> Verdict {
        if let obstacle = statistics.obstacle { return obstacle.verdict }
        let slow = statistics.judged.filter { statement in
            statement.calls >= self.minimumCalls && statement.meanSeconds >= self.minimumMean.seconds
                && statistics.share(of: statement) >= self.minimumShare
        }
        let findings = slow.prefix(self.maximumFindings).map { self.finding($0, in: statistics) }
        if findings.isEmpty, let blind = statistics.blindness { return blind.verdict }
        return .of(Array(findings), evidence: statistics.evidence)
    }

    private func finding(_ statement: Statement, in statistics: StatementStatistics) -> Finding {
        let share = statistics.share(of: statement)
        return Finding(
            "queries.W001",
            .warning,
            on: "query \(statement.id)",
            message: "A statement takes \(Quantity.seconds(statement.meanSeconds).text) on average and "
                + "\(Quantity.share(share).text) of all statements' time.",
            evidence: [
                Evidence("query", .text(statement.oneLine(400))),
                Evidence("calls", .count(statement.calls)),
                Evidence("mean time", .seconds(statement.meanSeconds)),
                Evidence("longest time", .seconds(statement.longestSeconds)),
                Evidence("share of total", .share(share)),
                Evidence("rows per call", .number(Double(statement.rows) / Double(max(1, statement.calls)))),
                Evidence(
                    "blocks read per call",
                    .number(Double(statement.blocksRead) / Double(max(1, statement.calls)))
                ),
                Evidence("temporary blocks", .count(statement.temporaryBlocks)),
            ],
            remedy: Remedy("Look at its plan; the check missing-indexes says whether an index is known to help."),
            weight: statement.totalSeconds
        )
    }

    func exhibits(on statistics: StatementStatistics) -> Exhibits {
        guard statistics.obstacle == nil else { return Exhibits() }
        let top = statistics.judged.prefix(15)
        let columns = [
            Table.Column("query_id", "Query ID"), Table.Column("query", "Query"), Table.Column("calls", "Calls"),
            Table.Column("mean_seconds", "Mean"), Table.Column("total_seconds", "Total"),
            Table.Column("share", "Share"), Table.Column("rows_per_call", "Rows per call"),
            Table.Column("hit_ratio", "Buffer hits"), Table.Column("temporary_blocks", "Temporary blocks"),
        ]
        return Exhibits(
            facts: statistics.evidence,
            tables: [
                Table(
                    "queries",
                    title: "Statements by time",
                    columns: columns,
                    rows: top.map { self.row($0, statistics) }
                )
            ],
            charts: top.isEmpty
                ? []
                : [
                    Chart(
                        "Share of all statements' time",
                        kind: .bars,
                        points: top.prefix(10).map { Chart.Point($0.oneLine(60), .share(statistics.share(of: $0))) }
                    )
                ]
        )
    }

    private func row(_ statement: Statement, _ statistics: StatementStatistics) -> [Quantity] {
        let reads = statement.blocksHit + statement.blocksRead
        return [
            .text(statement.id), .text(statement.oneLine(200)), .count(statement.calls),
            .seconds(statement.meanSeconds), .seconds(statement.totalSeconds), .share(statistics.share(of: statement)),
            .number(Double(statement.rows) / Double(max(1, statement.calls))),
            reads == 0 ? .missing : .share(Double(statement.blocksHit) / Double(reads)),
            .count(statement.temporaryBlocks),
        ]
    }
}
