// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Writes a report as aligned tables: its own, then what was found, then what could not be told.
struct TableReport {
    let report: Report
    let options: RenderOptions

    var document: String {
        let own = self.report.sections.flatMap(\.tables)
        let tables = own + [self.findings, self.unknown].compactMap { $0 }
        guard !tables.isEmpty else { return self.report.summaryLine + "\n" }
        let paint = Paint(isOn: self.options.color)
        let blocks = tables.map { table -> String in
            let lines =
                table.rows.isEmpty
                ? ["(none)"]
                : TextTable(table, now: self.report.createdAt).lines(width: self.options.width, paint: paint)
            // A single table needs no heading: it is all the caller asked for.
            return ((tables.count > 1 ? [paint(.bold, table.title.oneLine)] : []) + lines).joined(separator: "\n")
        }
        return blocks.joined(separator: "\n\n") + "\n"
    }

    private var findings: Table? {
        let findings = self.report.findings
        guard !findings.isEmpty else { return nil }
        return Table(
            "findings",
            title: "Findings",
            columns: [
                .init("severity", "Severity"), .init("id", "Id"), .init("subject", "Subject"),
                .init("message", "Message"),
            ],
            rows: findings.map { [.text($0.severity.rawValue), .text($0.id), .text($0.subject), .text($0.message)] }
        )
    }

    private var unknown: Table? {
        let groups = UnknownGroup.all(in: self.report.outcomes)
        guard !groups.isEmpty else { return nil }
        return Table(
            "unknown",
            title: "Could not tell",
            columns: [.init("checks", "Checks"), .init("reason", "Reason"), .init("cure", "Cure")],
            rows: groups.map { group in
                [
                    .text(group.titles.joined(separator: ", ")), .text(group.reason),
                    group.cure.map { .text($0) } ?? .missing,
                ]
            }
        )
    }
}
