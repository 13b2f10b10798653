// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

/// What the vacuum checks share: the tables, the server's rule, and whether this server vacuums at all.
struct VacuumSurvey: Sendable {
    var tables: [VacuumTable]
    var rule = AutovacuumRule()
    var isStandby = false
    /// When it was taken.
    var now = 0.0

    static func take(from inspection: Inspection) async throws -> VacuumSurvey {
        let version = inspection.server.versionNumber
        return VacuumSurvey(
            tables: try await inspection.query(VacuumTable.sql(version: version)).values(),
            rule: try await AutovacuumRule.read(from: inspection),
            isStandby: inspection.server.isInRecovery,
            now: try await inspection.window().now
        )
    }

    /// What stops every verdict about dead rows, if something does.
    var obstacle: Obstacle? {
        self.isStandby
            ? Obstacle("A standby does not vacuum and does not count dead tuples.", cure: "Ask the primary.") : nil
    }

    /// Says that nothing was found, or that the counters of big tables were lost and cannot tell.
    func verdict(_ findings: [Finding], minimumRows: Double) -> Verdict {
        let blind = self.tables.filter { !$0.knowsDeadRows && $0.rows >= minimumRows }
        guard findings.isEmpty, !blind.isEmpty else {
            return .of(findings, evidence: [Evidence("tables", .count(self.tables.count))])
        }
        return .unknown(
            reason: "The counters of \(blind.count) tables were lost in a crash or reset, "
                + "so their dead tuples are not known.",
            cure: blind.count > 3 ? "ANALYZE;" : blind.map { "ANALYZE \($0.name);" }.joined(separator: " ")
        )
    }
}
