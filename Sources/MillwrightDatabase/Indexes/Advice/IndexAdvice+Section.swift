// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

extension IndexAdvice {
    /// The advice as part of a report: a finding for each index, the table of the set, and the curve of cost against size.
    public var section: Section {
        Section(
            "index_advice",
            title: "Index advice",
            facts: self.facts,
            outcomes: [CheckOutcome(name: "index-advice", title: "Missing indexes as a set", verdict: self.verdict)],
            tables: [self.setTable, self.gainsTable, self.curveTable, self.unusableTable].filter { !$0.rows.isEmpty },
            charts: [
                Chart(
                    "Cost left against storage",
                    kind: .line,
                    points: self.steps.map { .init(Units.text(bytes: Int($0.sizeBytes)), .share($0.costLeft)) }
                )
            ]
        )
    }

    private var facts: [Evidence] {
        var facts = [
            Evidence("cost judged by", .text(self.judge.text)),
            Evidence("statements judged", .count(self.queries)),
            Evidence("tables they read", .count(self.tables)),
            Evidence("cost left with the set", .share(self.costLeft)),
            Evidence("cost left with every candidate", self.leastCostLeft.map(Quantity.share) ?? .missing),
            Evidence(
                "proved to be left within the budget, at least",
                self.provedCostLeft.map(Quantity.share) ?? .missing
            ),
            Evidence("size of the set", .bytes(Int(self.sizeBytes))),
            Evidence("candidates weighed", .count(self.candidates)),
            Evidence("plans asked", .count(self.plansAsked)),
            Evidence("plans remembered", .count(self.plansRemembered)),
            Evidence("time", .seconds(self.elapsed / .seconds(1))),
        ]
        if self.exemplified > 0 {
            facts.append(Evidence("statements judged by real values (pg_qualstats)", .count(self.exemplified)))
        }
        if let snapshotAge { facts.append(Evidence("counted since a snapshot, ago", .seconds(snapshotAge))) }
        if self.hiddenStatements > 0 {
            facts.append(Evidence("statements of other roles, not seen", .count(self.hiddenStatements)))
        }
        if self.replacedBytes > 0 {
            let name = self.replaces ? "given back by indexes that go" : "taken by indexes that it makes needless"
            facts.insert(Evidence(name, .bytes(Int(self.replacedBytes))), at: 7)
        }
        if self.budgetBytes.isFinite { facts.insert(Evidence("storage budget", .bytes(Int(self.budgetBytes))), at: 6) }
        return facts
    }

    private var verdict: Verdict {
        if let obstacle { return obstacle.verdict }
        if self.queries == 0 {
            let isDenied = self.unusable.contains(where: \.isDenied)
            return .unknown(
                reason: "No statement of the workload could be judged.",
                cure: isDenied ? "GRANT pg_read_all_data TO \(quoted(self.role));" : nil
            )
        }
        return .of(
            self.recommendations.map { self.finding($0) } + self.untested.map { self.finding(untested: $0) },
            evidence: [Evidence("statements judged", .count(self.queries))]
        )
    }

    private func finding(_ advised: Recommendation) -> Finding {
        var evidence = [
            Evidence("share of the cost saved", .share(advised.savedShare)),
            Evidence("size, estimated", .bytes(Int(advised.sizeBytes))),
            Evidence("bytes written per second", .bytes(Int(advised.bytesWrittenPerSecond))),
            Evidence("rows that the build reads", .count(Int(advised.tableRows))),
            Evidence("build, about", .seconds(advised.buildSeconds)),
            Evidence("lock", "SHARE UPDATE EXCLUSIVE: readers and writers go on, it waits for older transactions"),
        ]
        for query in advised.queries.prefix(3) {
            evidence.append(Evidence("query \(query.name)", .text(query.text)))
            evidence.append(Evidence("its cost now", .number(query.before)))
            evidence.append(Evidence("its cost with the set", .number(query.after)))
            if let generic = query.genericAfter {
                evidence.append(Evidence("its cost with the set by a generic plan", .number(generic)))
            }
        }
        for name in advised.replaces { evidence.append(Evidence("serves as well as", .text(name))) }
        let isPartial = advised.definition.predicate != nil
        return Finding(
            "indexes.I090",
            .info,
            on: "\(advised.definition.qualifiedTable) \(advised.definition.body)",
            message: "As part of the set it saves \(Units.text(share: advised.savedShare)) of the workload's cost.",
            evidence: evidence,
            remedy: Remedy(
                (self.judge == .planner ? "The planner would use it." : Self.unproved)
                    + (isPartial ? Self.partialWarning : ""),
                commands: advised.commands
                    + self.drops(after: advised)
            ),
            confidence: self.judge == .planner ? .medium : .low,
            weight: advised.savedShare
        )
    }

    /// The statements that drop what it serves as well, each under the last one that does.
    private func drops(after advised: Recommendation) -> [String] {
        guard self.replaces else {
            return advised.replaces.map { "-- afterwards, once it is valid: DROP INDEX CONCURRENTLY \($0);" }
        }
        let own = advised.replaces.filter { name in
            self.recommendations.last { $0.replaces.contains(name) }?.name == advised.name
        }
        return own.isEmpty ? [] : ["-- once it is valid:"] + own.map { "DROP INDEX CONCURRENTLY IF EXISTS \($0);" }
    }

    private static let unproved =
        "Estimated without the planner: with the extension HypoPG the planner itself judges (CREATE EXTENSION hypopg;)."
    private static let partialWarning =
        " A prepared statement that has the condition's value as a parameter does not use it once it has a generic plan."

    private func finding(untested advised: Recommendation) -> Finding {
        Finding(
            "indexes.I091",
            .info,
            on: "\(advised.definition.qualifiedTable) \(advised.definition.body)",
            message: "A statement asks what only an inverted index answers, which cannot be simulated."
                + (advised.refusal.map { " It could not be built in a transaction: \($0)" } ?? ""),
            remedy: Remedy(
                "Build it on a copy and measure there, or let --apply --verify --try-gin do so here; such an index makes writes "
                    + "dearer than a btree does.",
                commands: advised.commands
            ),
            confidence: .low
        )
    }

    // MARK: Tables

    private var setTable: Table {
        Table(
            "advised_indexes",
            title: "The set",
            columns: [
                .init("index", "Index"), .init("size_bytes", "Size"), .init("saved_share", "Saves"),
                .init("queries", "Statements"), .init("bytes_written_per_second", "Written/s"),
                .init("build_seconds", "Build, about"), .init("lock", "Lock while it is built"),
            ],
            rows: self.recommendations.map {
                [
                    .text("\($0.definition.table) \($0.definition.body)"), .bytes(Int($0.sizeBytes)),
                    .share($0.savedShare), .count($0.queries.count), .bytes(Int($0.bytesWrittenPerSecond)),
                    .seconds($0.buildSeconds), .text("SHARE UPDATE EXCLUSIVE"),
                ]
            }
        )
    }

    private var gainsTable: Table {
        Table(
            "gaining_statements",
            title: "Statements that gain",
            columns: [
                .init("index", "Index"), .init("statement", "Statement"), .init("cost_before", "Cost before"),
                .init("cost_after", "Cost after"), .init("generic_before", "Generic plan before"),
                .init("generic_after", "Generic plan after"), .init("share", "Share of the workload"),
                .init("text", "Text"),
            ],
            rows: self.recommendations.flatMap { advised in
                advised.queries.map { query in
                    [
                        .text(advised.name), .text(query.name), .number(query.before), .number(query.after),
                        query.genericBefore.map(Quantity.number) ?? .missing,
                        query.genericAfter.map(Quantity.number) ?? .missing,
                        .share(query.share), .text(query.text),
                    ]
                }
            }
        )
    }

    private var curveTable: Table {
        Table(
            "cost_curve",
            title: "Cost left against storage",
            columns: [
                .init("size_bytes", "Storage up to"), .init("indexes", "Indexes"), .init("cost_left", "Cost left"),
                .init("bar", ""),
            ],
            rows: self.steps.map {
                let bar = String(repeating: "█", count: max(0, min(30, Int(($0.costLeft * 30).rounded()))))
                return [.bytes(Int($0.sizeBytes)), .count($0.indexes), .share($0.costLeft), .text(bar)]
            }
        )
    }

    private var unusableTable: Table {
        Table(
            "unusable_statements",
            title: "Statements that were not judged",
            columns: [.init("statement", "Statement"), .init("reason", "Reason"), .init("text", "Text")],
            rows: self.unusable.map { [.text($0.name), .text($0.reason), .text($0.text)] }
        )
    }

    /// The curve in steps of the same width, so that its knee is where it seems to be.
    private var steps: [CurvePoint] {
        guard let last = self.curve.last, last.sizeBytes > 0 else { return [] }
        let count = 16
        return (0...count).compactMap { step in
            let bytes = last.sizeBytes * Double(step) / Double(count)
            guard var point = self.curve.last(where: { $0.sizeBytes <= bytes * 1.000001 }) else { return nil }
            point.sizeBytes = bytes
            return point
        }
    }
}

extension IndexAdvice.Judge {
    fileprivate var text: String {
        switch self {
        case .planner: "the planner (HypoPG)"
        case .estimate: "Millwright's own estimate, without the planner"
        }
    }
}
