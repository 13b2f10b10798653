// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Finds applications that keep many connections which they do not use.
///
/// A pool keeps some connections idle on purpose. Suspect is a group of one application, role and client whose connections have
/// been idle for long **and** take a good part of the server's capacity: pools too big for their work, or a leak.
struct IdleConnections: DatabaseCheck {
    static let name = "idle-connections"
    static let title = "Idle connections"
    static let ids = ["pools.W010"]
    static let concern = Concern.pools
    static let thresholds: [Threshold<Self>] = [
        .duration("minimumIdle", \.minimumIdle, "How long a connection has to have been idle."),
        .share("minimumShare", \.minimumShare, "The share of the server's connections a group has to keep so."),
    ]

    var minimumIdle = Duration.seconds(3600)
    var minimumShare = 0.25

    func collect(from inspection: Inspection) async throws -> ConnectionSurvey {
        try await ConnectionSurvey.take(from: inspection, leakSeconds: self.minimumIdle.seconds)
    }

    func verdict(on survey: ConnectionSurvey) -> Verdict {
        if let obstacle = survey.obstacle { return obstacle.verdict }
        let idle = survey.groups.filter { $0.state == "idle" }
        let findings = idle.filter { Double($0.oldCount) >= self.minimumShare * Double(survey.capacity) }
            .map { self.finding($0, in: survey) }
        return .of(findings, evidence: [Evidence("idle", .count(idle.map(\.count).reduce(0, +)))])
    }

    private func finding(_ group: ConnectionSurvey.Group, in survey: ConnectionSurvey) -> Finding {
        Finding(
            "pools.W010",
            .warning,
            on: "\(group.application) as \(group.user)",
            message: "\(group.application) keeps \(group.oldCount) connections that it has not used for "
                + "\(Quantity.seconds(self.minimumIdle.seconds).text).",
            evidence: [
                Evidence("idle that long", .count(group.oldCount)),
                Evidence("idle", .count(group.count)),
                Evidence("client", .text(group.address ?? "local")),
                Evidence("longest idle", .seconds(group.longestSeconds)),
                Evidence("capacity", .count(survey.capacity)),
            ],
            remedy: Remedy(
                "Lower the pool's size and its idle time; if the pool is smaller than this, connections leak."
            ),
            weight: Double(group.oldCount)
        )
    }
}
