// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Writes a report as RFC 4180: values as plain numbers in their base unit, nothing for what is missing.
struct CSVReport {
    let report: Report

    var document: String {
        let tables = self.report.sections.flatMap(\.tables)
        if tables.count == 1, let table = tables.first {
            return Self.lines([table.columns.map(\.key)] + self.rows(of: table))
        }
        return Self.lines([Self.findingColumns] + self.findingRows)
    }

    private static let findingColumns = [
        "section", "check", "verdict", "severity", "id", "subject", "message", "evidence", "advice", "commands",
        "confidence", "fingerprint", "reason", "cure",
    ]

    /// What could not be judged has a row, too, so that a short list is never taken for a clean one.
    private var findingRows: [[String]] {
        self.report.sections.flatMap { section in
            section.outcomes.flatMap { outcome -> [[String]] in
                let start = [section.key, outcome.name]
                switch outcome.verdict {
                case .ok: return []
                case .findings(let findings):
                    return findings.map { start + ["finding"] + Self.cells(of: $0) + ["", ""] }
                case .unknown(let reason, let cure):
                    return [start + ["unknown"] + Array(repeating: "", count: 9) + [reason, cure ?? ""]]
                }
            }
        }
    }

    private static func cells(of finding: Finding) -> [String] {
        [
            finding.severity.rawValue, finding.id, finding.subject, finding.message,
            finding.evidence.map { "\($0.name)=\(Self.plain($0.value))" }.joined(separator: "; "),
            finding.remedy?.advice ?? "", finding.remedy?.commands.joined(separator: "\n") ?? "",
            finding.confidence.rawValue, finding.fingerprint,
        ]
    }

    private func rows(of table: Table) -> [[String]] {
        table.rows.map { row in
            table.columns.indices.map { $0 < row.count ? Self.plain(row[$0]) : "" }
        }
    }

    private static func plain(_ value: Quantity) -> String {
        switch value.json {
        case .null: ""
        case .string(let text): text
        case let other: other.text(pretty: false)
        }
    }

    private static func lines(_ rows: [[String]]) -> String {
        rows.map { $0.map(Self.quoted).joined(separator: ",") + "\r\n" }.joined()
    }

    private static func quoted(_ cell: String) -> String {
        let text = cell.visibleLines.joined(separator: "\n")
        let needsQuotes = text.unicodeScalars.contains { $0 == "," || $0 == "\"" || $0 == "\n" }
        let isPadded = text.first == " " || text.last == " "
        return needsQuotes || isPadded ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
}
