// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

extension HealthSnapshot {
    /// The snapshot as a report for people: one row a check.
    public func report(command: String) -> Report {
        let section = Section(
            "health",
            title: "Health",
            facts: [
                Evidence("status", .text(self.status(of: .health).rawValue)),
                Evidence("snapshot", .text(self.id)),
                Evidence("looked", "this process itself"),
            ],
            tables: [
                Table(
                    "health_checks",
                    title: "Checks",
                    columns: [
                        .init("check", "Check"), .init("status", "Status"), .init("code", "Code"),
                        .init("criticality", "If it fails"), .init("took", "Took"), .init("facts", "Seen"),
                    ],
                    rows: self.entries.map(\.row)
                )
            ]
        )
        return Report(command: command, title: "Health", createdAt: self.time, sections: [section])
    }
}

extension HealthSnapshot.Entry {
    fileprivate var row: [Quantity] {
        [
            .text(self.name), .text(self.result.status.rawValue), .text(self.result.code), .text(self.consequence),
            self.took.map { .seconds($0 / .seconds(1)) } ?? .missing,
            .text(self.result.facts.map { "\($0.name) \($0.value.text)" }.joined(separator: ", ")),
        ]
    }

    private var consequence: String {
        switch self.criticality {
        case .critical: "this node fails"
        case .degrading: "a warning"
        case .informational: "nothing"
        }
    }
}
