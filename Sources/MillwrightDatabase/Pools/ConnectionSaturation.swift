// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Finds servers, roles and databases that run out of connections.
///
/// Only client backends count, and only the slots that an ordinary role can have: the reserved ones are for the person who has
/// to repair it.
struct ConnectionSaturation: DatabaseCheck {
    static let name = "connection-saturation"
    static let title = "Connections in use"
    static let ids = ["pools.W001", "pools.E002"]
    static let concern = Concern.pools
    static let thresholds: [Threshold<Self>] = [
        .share("warningShare", \.warningShare, "The share of the connections that may be in use."),
        .share("errorShare", \.errorShare, "The share at which the next deploy will fail."),
    ]

    var warningShare = 0.8
    var errorShare = 0.9

    func collect(from inspection: Inspection) async throws -> ConnectionSurvey {
        try await ConnectionSurvey.take(from: inspection, leakSeconds: 3600)
    }

    func verdict(on survey: ConnectionSurvey) -> Verdict {
        if let obstacle = survey.obstacle { return obstacle.verdict }
        let server = ConnectionSurvey.Limit(subject: "max_connections", limit: survey.capacity, used: survey.used)
        let findings = ([server] + survey.limits).compactMap { self.finding($0, in: survey) }
        return .of(
            findings,
            evidence: [Evidence("in use", .count(survey.used)), Evidence("capacity", .count(survey.capacity))]
        )
    }

    func exhibits(on survey: ConnectionSurvey) -> Exhibits {
        let columns = [
            Table.Column("application", "Application"), Table.Column("role", "Role"),
            Table.Column("database", "Database"), Table.Column("client", "Client"), Table.Column("state", "State"),
            Table.Column("connections", "Connections"), Table.Column("longest_seconds", "Longest in state"),
        ]
        let rows = survey.groups.prefix(20).map { group -> [Quantity] in
            [
                .text(group.application), .text(group.user), .text(group.database),
                .text(group.address ?? "local"), .text(group.state), .count(group.count),
                .seconds(group.longestSeconds),
            ]
        }
        return Exhibits(
            facts: [
                Evidence("connections in use", survey.seesSessions ? .count(survey.used) : .missing),
                Evidence("connections for ordinary roles", .count(survey.capacity)),
            ],
            tables: [Table("connections", title: "Connections", columns: columns, rows: rows)]
        )
    }

    private func finding(_ limit: ConnectionSurvey.Limit, in survey: ConnectionSurvey) -> Finding? {
        let share = Double(limit.used) / Double(limit.limit)
        guard share >= self.warningShare else { return nil }
        let isError = share >= self.errorShare
        let idle = survey.groups.filter { $0.state == "idle" }.map(\.count).reduce(0, +)
        return Finding(
            isError ? "pools.E002" : "pools.W001",
            isError ? .error : .warning,
            on: limit.subject,
            message: "Of the \(limit.limit) connections that \(limit.subject) allows, \(limit.used) are in use.",
            evidence: [
                Evidence("in use", .count(limit.used)),
                Evidence("capacity", .count(limit.limit)),
                Evidence("share", .share(share)),
                Evidence("idle on this server", .count(idle)),
            ],
            remedy: Remedy(
                "Make the pools of the applications smaller or put PgBouncer in front; more connections cost memory each."
            ),
            weight: share
        )
    }
}
