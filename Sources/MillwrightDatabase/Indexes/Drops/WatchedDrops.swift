// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// What became of some drops, and of the statements that may miss what was dropped.
public struct WatchedDrops: Sendable, Hashable {
    /// The indexes, in the order in which they were dropped; the last is the one that failed, where one did.
    public var indexes: [IndexOutcome]
    /// What was seen of the statements about each index that was dropped; empty where nothing could be read.
    public var observations: [DropObservation] = []
    /// Why nothing could be watched.
    var obstacle: Obstacle?
    /// Statements of other roles that could not be seen.
    var hidden = 0

    init(indexes: [IndexOutcome], obstacle: Obstacle? = nil) {
        self.indexes = indexes
        self.obstacle = obstacle
    }

    /// Takes in what was seen last of the statements about an index.
    mutating func take(_ seen: DropObservation) {
        guard let position = self.observations.firstIndex(where: { $0.index == seen.index }) else { return }
        self.observations[position] = seen
    }

    mutating func setRestored(_ index: String) {
        guard let position = self.observations.firstIndex(where: { $0.index == index }) else { return }
        self.observations[position].isRestored = true
    }

    /// What the statements say: findings where one of them became worse, and ok only where each index's were seen.
    public var verdict: Verdict {
        if let obstacle {
            return .unknown(reason: "Nothing could be watched. \(obstacle.reason)", cure: obstacle.cure)
        }
        let findings = self.observations.compactMap { $0.finding }
        if !findings.isEmpty { return .findings(findings) }
        return self.blindness ?? .ok(self.evidence)
    }

    private var blindness: Verdict? {
        let unseen = self.observations.filter { !$0.isCompared }
        let span = Quantity.seconds(self.seconds.rounded()).text
        if self.hidden > 0 {
            return .unknown(
                reason:
                    "Nothing became worse of what could be seen in \(span), but \(self.hidden) statements of other roles "
                    + "could not.",
                cure: "GRANT pg_read_all_stats TO the role that this is run as;"
            )
        }
        guard !unseen.isEmpty || self.observations.isEmpty else { return nil }
        let tables = Set(unseen.map(\.table)).sorted().joined(separator: ", ")
        let what = self.calls == 0 ? "No call of any statement" : "Of no statement enough calls"
        return .unknown(
            reason: "\(what) about \(tables) were seen in \(span), before and since, to compare them.",
            cure:
                "Nothing is lost: `manage index_audit --undo --apply` has it again; watch for longer, or at a busier hour."
        )
    }

    private var seconds: Double { self.observations.map(\.seconds).max() ?? 0 }

    /// The statements that ran, each once, though it may be about several indexes.
    private var changes: [StatementChange] {
        var seen: Set<String> = []
        return self.observations.flatMap(\.changes).filter { seen.insert($0.id).inserted }
    }

    private var calls: Int { self.changes.reduce(0) { $0 + $1.since.calls } }
}

extension WatchedDrops {
    /// What was seen, as part of a report; `nil` where nothing was dropped, so that there was nothing to watch.
    public var section: Section? {
        if self.observations.isEmpty, self.indexes.allSatisfy({ $0.failure != nil }) { return nil }
        return Section(
            "watch",
            title: "Statements since the drops",
            facts: self.obstacle == nil ? self.evidence : [],
            outcomes: [
                CheckOutcome(name: "statements-since-drops", title: "Statements since the drops", verdict: self.verdict)
            ],
            tables: [self.statementsTable, self.scansTable].filter { !$0.rows.isEmpty }
        )
    }

    private var evidence: [Evidence] {
        let unseen = self.observations.filter { !$0.isCompared }.map(\.index)
        return [
            Evidence("watched for", .seconds(self.seconds)),
            Evidence("statements about these tables seen", .count(self.changes.count)),
            Evidence("their calls", .count(self.calls)),
            Evidence("compared", .count(self.changes.count { $0.effect != .notCompared })),
            Evidence("ran for the first time", .count(self.changes.count { $0.before == nil })),
        ] + (unseen.isEmpty ? [] : [Evidence("too few calls to compare", .text(unseen.joined(separator: ", ")))])
    }

    private var statementsTable: Table {
        Table(
            "statements",
            title: "Statements before and since",
            columns: [
                .init("index", "Index"), .init("effect", "Effect"), .init("calls_before", "Calls before"),
                .init("calls_since", "Calls since"), .init("pages_before", "Pages a call before"),
                .init("pages_since", "Pages a call since"), .init("seconds_before", "Time before"),
                .init("seconds_since", "Time since"), .init("statement", "Statement"),
            ],
            rows: self.observations.flatMap { seen in seen.changes.prefix(20).map { self.row($0, index: seen.index) } }
        )
    }

    private func row(_ change: StatementChange, index: String) -> [Quantity] {
        [
            .text(index), .text(change.effect.rawValue), .count(change.before?.calls ?? 0), .count(change.since.calls),
            change.before.map { .number($0.pagesPerCall) } ?? .missing, .number(change.since.pagesPerCall),
            change.before.map { .seconds($0.secondsPerCall) } ?? .missing, .seconds(change.since.secondsPerCall),
            .text(change.text),
        ]
    }

    private var scansTable: Table {
        Table(
            "sequential_scans",
            title: "Sequential scans before and since",
            columns: [
                .init("index", "Index"), .init("table", "Table"), .init("scans_since", "Scans since"),
                .init("per_second_before", "Each second before"), .init("per_second_since", "Each second since"),
            ],
            rows: self.observations.map { seen in
                [
                    .text(seen.index), .text(seen.table), .count(seen.scans),
                    seen.scansPerSecondBefore.map(Quantity.perSecond) ?? .missing,
                    seen.seconds > 0 ? .perSecond(Double(seen.scans) / seen.seconds) : .missing,
                ]
            }
        )
    }
}

extension DropObservation {
    /// The finding where a statement became worse.
    fileprivate var finding: Finding? {
        guard let words = self.words else { return nil }
        return Finding(
            "indexes.W083",
            .warning,
            on: self.index,
            message: "Since it was dropped, \(words)" + (self.isRestored ? ": it was built again." : "."),
            evidence: self.evidence,
            remedy: self.isRestored
                ? Remedy("It stays; the next audit counts anew how much it is used.")
                : Remedy("Have it again.", commands: ["manage index_audit --undo --apply"])
        )
    }

    /// The statements that became worse, and the scans of the table beside them.
    var evidence: [Evidence] {
        var facts: [Evidence] = []
        for change in self.worse.prefix(3) {
            facts += [
                Evidence("query \(change.id)", .text(change.text)),
                Evidence("calls before", .count(change.before?.calls ?? 0)),
                Evidence("calls since", .count(change.since.calls)),
                Evidence("pages a call before", .number(change.before?.pagesPerCall ?? 0)),
                Evidence("pages a call since", .number(change.since.pagesPerCall)),
                Evidence("time a call before", .seconds(change.before?.secondsPerCall ?? 0)),
                Evidence("time a call since", .seconds(change.since.secondsPerCall)),
            ]
        }
        return facts + [
            Evidence("time since the drop", .seconds(self.seconds)),
            Evidence("sequential scans of \(self.table) since", .count(self.scans)),
            Evidence(
                "sequential scans each second before",
                self.scansPerSecondBefore.map(Quantity.perSecond) ?? .missing
            ),
        ]
    }
}
