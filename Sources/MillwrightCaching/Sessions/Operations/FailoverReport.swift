// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

extension FailoverConsole.Status {
    /// The status as a section of a report.
    ///
    /// - Parameter now: in seconds since 1970.
    public func section(alias: String, at now: Double) -> Section {
        Section(
            "session_failover",
            title: "Session failover",
            facts: [
                Evidence("phase", .text(self.trust.phase.rawValue)),
                Evidence("generation", .count(self.trust.generation)),
                Evidence("mode", .text(self.trust.mode.rawValue)),
                Evidence("reason", .text(self.reason)),
                Evidence("since", .time(self.changedAt)),
                Evidence("nodes that live", .count(self.nodes.filter(\.isAlive).count)),
            ],
            outcomes: [
                CheckOutcome(
                    name: "session-copy",
                    title: "Copy in Redis",
                    verdict: self.verdict(alias: alias, at: now)
                )
            ],
            tables: [self.table]
        )
    }

    /// What is to be said about it.
    func verdict(alias: String, at now: Double) -> Verdict {
        let alive = self.nodes.filter(\.isAlive)
        let evidence = [
            Evidence("nodes that live", .count(alive.count)),
            Evidence("nodes that reach Redis", .count(alive.filter { $0.serverID != nil }.count)),
            Evidence("in this state for", .seconds(max(0, now - self.changedAt))),
        ]
        if alive.isEmpty {
            return .unknown(
                reason: "No process serves sessions of the alias \(alias), so nobody keeps the copy.",
                cure: "Start the application; it shows up within a second."
            )
        }
        if self.trust.mode == .database {
            return .finding(
                .warning,
                "sessions.W002",
                alias,
                "An operator has taken Redis out of use for sessions.",
                evidence,
                Remedy("Hand it back when Redis is well.", commands: ["manage session_failover force auto"])
            )
        }
        if self.trust.phase == .trusted { return .of([], evidence: evidence) }
        return .finding(
            .warning,
            "sessions.W001",
            alias,
            "Sessions are read from PostgreSQL, because Redis is not trusted.",
            evidence,
            Remedy(
                "It is used again when every node reaches the same Redis; see what happened.",
                commands: ["manage session_failover history"]
            )
        )
    }

    private var table: Table {
        Table(
            "nodes",
            title: "Nodes",
            columns: [
                .init("node", "Node"), .init("alive", "Lives"), .init("redis", "Redis run"),
                .init("silent_seconds", "Last seen"), .init("copy_reads", "Reads from Redis"),
                .init("database_reads", "from PostgreSQL"), .init("failed_reads", "failed"),
                .init("writes", "Writes"), .init("failed_writes", "failed"),
            ],
            rows: self.nodes.map { node in
                [
                    .text(node.name), .flag(node.isAlive),
                    node.serverID.map { .text(String($0.prefix(8))) } ?? .missing,
                    .seconds(node.silentSeconds), .count(node.figures["copy_reads"] ?? 0),
                    .count(node.figures["database_reads"] ?? 0), .count(node.figures["failed_reads"] ?? 0),
                    .count(node.figures["writes"] ?? 0), .count(node.figures["failed_writes"] ?? 0),
                ]
            }
        )
    }
}

extension Verdict {
    fileprivate static func finding(
        _ severity: Severity,
        _ id: String,
        _ subject: String,
        _ message: String,
        _ evidence: [Evidence],
        _ remedy: Remedy
    ) -> Verdict {
        .of([Finding(id, severity, on: subject, message: message, evidence: evidence, remedy: remedy)])
    }
}

/// The changes of the trust, as a section of a report.
public func failoverHistorySection(_ events: [FailoverConsole.Event]) -> Section {
    let table = Table(
        "history",
        title: "What happened, newest first",
        columns: [
            .init("at", "When"), .init("generation", "Generation"), .init("phase", "Phase"), .init("mode", "Mode"),
            .init("node", "Node"), .init("reason", "Why"),
        ],
        rows: events.map { event in
            [
                .time(event.happenedAt), .count(event.generation), .text(event.phase), .text(event.mode),
                event.node.map { .text($0) } ?? .missing, .text(event.reason),
            ]
        }
    )
    return Section("history", title: "Session failover", tables: [table])
}
