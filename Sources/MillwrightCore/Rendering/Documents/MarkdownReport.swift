// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Writes a report as GitHub's Markdown.
struct MarkdownReport {
    let report: Report

    var document: String {
        let blocks =
            ["# \(Self.escaped(self.report.title))", self.opening] + self.score + self.findings + self.unknown
            + self.report.sections.flatMap(self.blocks(of:)) + self.wellChecks + self.next
        return blocks.joined(separator: "\n\n") + "\n"
    }

    private var opening: String {
        let tally = Tally(self.report.outcomes)
        var words =
            tally.words.isEmpty ? [self.report.outcomes.isEmpty ? "nothing checked" : "no findings"] : tally.words
        if tally.unknown > 0 { words.append("\(tally.unknown) unknown") }
        return "`\(self.report.command.oneLine)` · \(Timestamp.text(self.report.createdAt)) · "
            + words.joined(separator: ", ")
    }

    private var score: [String] {
        guard let score = self.report.score else { return [] }
        let rows = score.parts.map { part in
            [
                Self.cell(part.name), part.possible > 0 ? Quantity.number(part.points).text : "–",
                part.possible > 0 ? Quantity.number(part.possible).text : "–",
                part.unknown == 0 ? "" : "\(part.unknown)",
            ]
        }
        return [
            "## Score: \(score.value.map { "\($0) of 100" } ?? "not known")",
            Self.table(["Part", "Points", "of", "Unknown"], rows, isRight: [false, true, true, true]),
        ]
    }

    private var findings: [String] {
        let findings = self.report.findings
        return findings.isEmpty ? [] : ["## Findings"] + findings.map(self.block(of:))
    }

    private func block(of finding: Finding) -> String {
        var lines = [
            "### \(finding.severity.rawValue.capitalizedFirst): \(Self.escaped(finding.subject)) (`\(finding.id)`)", "",
            Self.escaped(finding.message),
        ]
        if !finding.evidence.isEmpty {
            lines.append("")
            lines += finding.evidence.map { "- \(Self.escaped($0.name)): \(Self.escaped($0.value.text))" }
        }
        if let remedy = finding.remedy {
            lines += ["", "**Remedy:** " + Self.escaped(remedy.advice)]
            if !remedy.commands.isEmpty { lines += ["", Self.fenced(remedy.commands)] }
        }
        return lines.joined(separator: "\n")
    }

    private var unknown: [String] {
        let groups = UnknownGroup.all(in: self.report.outcomes)
        guard !groups.isEmpty else { return [] }
        return ["## Could not tell"]
            + groups.map { group in
                let text = "- \(group.titles.map(Self.escaped).joined(separator: ", ")): \(Self.escaped(group.reason))"
                return group.cure.map { "\(text)\n\n" + Self.fenced([$0]) } ?? text
            }
    }

    private var wellChecks: [String] {
        let titles = self.report.outcomes.filter(\.isOK).map { Self.escaped($0.title) }
        return titles.isEmpty ? [] : ["## All well", titles.joined(separator: ", ")]
    }

    private func blocks(of section: Section) -> [String] {
        guard !section.tables.isEmpty || !section.facts.isEmpty else { return [] }
        var blocks = ["## \(Self.escaped(section.title))"]
        if !section.facts.isEmpty {
            blocks.append(
                section.facts.map { "- \(Self.escaped($0.name)): \(Self.escaped($0.value.text))" }.joined(
                    separator: "\n"
                )
            )
        }
        for table in section.tables {
            blocks.append("### \(Self.escaped(table.title))")
            let rows = table.rows.map { row in
                table.columns.indices.map { $0 < row.count ? Self.cell(row[$0].text) : "" }
            }
            let isRight = table.columns.indices.map(table.isNumeric)
            blocks.append(
                rows.isEmpty ? "None." : Self.table(table.columns.map { Self.cell($0.title) }, rows, isRight: isRight)
            )
        }
        return blocks
    }

    private var next: [String] {
        self.report.next.isEmpty ? [] : ["## Next", Self.fenced(self.report.next)]
    }
}

extension MarkdownReport {
    static func table(_ headings: [String], _ rows: [[String]], isRight: [Bool]) -> String {
        let rule = isRight.map { $0 ? "---:" : "---" }
        return ([headings, rule] + rows).map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n")
    }

    static func cell(_ text: String) -> String { Self.escaped(text) }

    /// The text on one line, with everything that Markdown or HTML would take for markup disarmed.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.oneLine {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\\", "`", "*", "_", "[", "]", "|", "~", "#", "$": result += "\\\(character)"
            // A mention would send somebody a mail.
            case "@": result += "&#64;"
            default: result.append(character)
            }
        }
        return result
    }

    /// A code block whose fence is longer than any run of backticks in it.
    static func fenced(_ commands: [String]) -> String {
        let lines = commands.flatMap(\.visibleLines)
        let longest = lines.flatMap { $0.split { $0 != "`" } }.map(\.count).max() ?? 0
        let fence = String(repeating: "`", count: max(3, longest + 1))
        let language = commands.allSatisfy { $0.hasSuffix(";") } ? "sql" : "sh"
        return ([fence + language] + lines + [fence]).joined(separator: "\n")
    }
}
