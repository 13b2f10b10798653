// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// What a drill has measured: what a node counted before it and after it.
public struct DrillResult: Sendable, Hashable {
    private let before: [String: Int]
    private let after: [String: Int]

    /// Takes a node's figures before and after.
    public init(before: [String: Int], after: [String: Int]) {
        self.before = before
        self.after = after
    }

    private func counted(_ name: String) -> Int { max(0, (self.after[name] ?? 0) - (self.before[name] ?? 0)) }

    private func mean(_ sum: String, of count: String) -> Quantity {
        let reads = self.counted(count)
        return reads == 0 ? .missing : .seconds(Double(self.counted(sum)) / Double(reads) / 1e6)
    }

    /// The measurement as a section, with a finding where the PostgreSQL path did not hold.
    public func section(node: String, share: Double) -> Section {
        let evidence = [
            Evidence("reads sent to PostgreSQL", .count(self.counted("drill_reads"))),
            Evidence("reads that failed", .count(self.counted("failed_reads"))),
            Evidence("reads from Redis", .count(self.counted("copy_reads"))),
            Evidence("mean read from PostgreSQL", self.mean("database_us", of: "database_reads")),
            Evidence("mean read from Redis", self.mean("copy_us", of: "copy_reads")),
        ]
        let outcome = CheckOutcome(
            name: "session-drill",
            title: "PostgreSQL path",
            verdict: self.verdict(node, evidence)
        )
        return Section(
            "drill",
            title: "Drill of \(node)",
            facts: [Evidence("share", .share(share))] + evidence,
            outcomes: [outcome]
        )
    }

    func verdict(_ node: String, _ evidence: [Evidence]) -> Verdict {
        if self.counted("failed_reads") > 0 {
            let finding = Finding(
                "sessions.E001",
                .error,
                on: node,
                message: "Session reads failed while they went to PostgreSQL.",
                evidence: evidence,
                remedy: Remedy("See how busy the database and its pool are.", commands: ["manage pool_health"])
            )
            return .of([finding])
        }
        if self.counted("drill_reads") == 0 {
            return .unknown(
                reason: "The node had no session read during the drill.",
                cure: "Drill longer, a larger share, or while there is traffic."
            )
        }
        return .of([], evidence: evidence)
    }
}
