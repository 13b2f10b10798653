// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

extension HealthSnapshot {
    /// The snapshot as a report for people: one row a check.
    ///
    /// - Parameters:
    ///   - command: the command that shows it.
    ///   - face: the question.
    ///   - looked: who looked: `this process itself`, or the address of a server that was asked.
    ///   - isDetailed: whether timings, figures and thresholds are shown.
    public func report(
        command: String,
        of face: HealthFace = .health,
        looked: String = "this process itself",
        isDetailed: Bool = true
    ) -> Report {
        let columns = HealthColumn.all.filter { isDetailed || !$0.isDetail }
        let table = Table(
            "health_checks",
            title: "Checks",
            columns: columns.map { .init($0.key, $0.title) },
            rows: self.entries(of: face).map { entry in columns.map { $0.value(entry) } }
        )
        let section = Section("health", title: "Health", facts: self.facts(of: face, looked), tables: [table])
        return Report(command: command, title: "Health", createdAt: self.time, sections: [section])
    }

    private func facts(of face: HealthFace, _ looked: String) -> [Evidence] {
        [
            Evidence("status", .text(self.status(of: face).rawValue)),
            Evidence(
                "codes",
                self.codes(of: face).isEmpty ? "none" : .text(self.codes(of: face).joined(separator: ", "))
            ),
            Evidence("group", .text(face.name)),
            Evidence("snapshot", .text(self.id)),
            Evidence("looked", .text(looked)),
        ]
    }
}

/// A column of the table.
private struct HealthColumn {
    var key: String
    var title: String
    var isDetail = false
    var value: @Sendable (HealthSnapshot.Entry) -> Quantity

    static let all: [HealthColumn] = [
        HealthColumn(key: "check", title: "Check") { .text($0.name) },
        HealthColumn(key: "status", title: "Status") { .text($0.result.status.rawValue) },
        HealthColumn(key: "code", title: "Code") { .text($0.result.code) },
        HealthColumn(key: "criticality", title: "If it fails") { .text($0.criticality.consequence) },
        HealthColumn(key: "took", title: "Took", isDetail: true) { .seconds($0.took) },
        HealthColumn(key: "facts", title: "Seen", isDetail: true) { .text($0.notes.joined(separator: ", ")) },
        HealthColumn(key: "thresholds", title: "Thresholds", isDetail: true) { entry in
            .text(entry.limits.map { "\($0.name) \($0.value.text)" }.joined(separator: ", "))
        },
    ]
}

extension Quantity {
    fileprivate static func seconds(_ span: Duration?) -> Quantity {
        span.map { .seconds($0 / .seconds(1)) } ?? .missing
    }
}

extension HealthCriticality {
    fileprivate var consequence: String {
        switch self {
        case .critical: "this node fails"
        case .shared: "every node but the last fails"
        case .degrading: "a warning"
        case .informational: "nothing"
        }
    }
}
