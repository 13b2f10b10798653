// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Writes a report for people at a terminal.
struct TextReport {
    let report: Report
    let options: RenderOptions

    var paint: Paint { Paint(isOn: self.options.color) }

    /// Long lines of prose are hard to read, however wide the terminal is.
    var proseWidth: Int { self.options.width <= 0 ? 0 : min(self.options.width, 100) }

    var document: String {
        var blocks = [self.heading, self.score, self.tally]
        blocks += self.options.verbosity == 0 ? [self.findingLines] : self.findings
        blocks += [self.unknown, self.wellChecks]
        if self.options.verbosity > 0 { blocks += self.report.sections.flatMap(self.blocks(of:)) }
        blocks.append(self.next)
        return blocks.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    private var heading: [String] {
        let title = self.report.title.oneLine
        let time = Timestamp.text(self.report.createdAt)
        let gap = max(2, self.proseWidth - title.displayWidth - time.displayWidth)
        return [self.paint(.bold, title) + String(repeating: " ", count: gap) + self.paint(.dim, time)]
    }

    private var tally: [String] {
        // A list of rows was asked for, not a judgement.
        if self.report.outcomes.isEmpty, self.report.sections.contains(where: \.hasBody) { return [] }
        guard !self.report.outcomes.isEmpty else { return ["Nothing was checked."] }
        let tally = Tally(self.report.outcomes)
        var words = tally.words.isEmpty ? ["no findings"] : tally.words
        if tally.unknown > 0 { words.append("\(tally.unknown) unknown") }
        if tally.ok > 0 { words.append("\(tally.ok) ok") }
        return [words.joined(separator: ", ").capitalizedFirst + "."]
    }

    private var unknown: [String] {
        UnknownGroup.all(in: self.report.outcomes).flatMap { group -> [String] in
            let titles = group.titles.map(\.oneLine).joined(separator: ", ")
            let reason = wrapped("\(titles): could not tell. \(group.reason)", width: self.proseWidth - 2)
            let cure = (group.cure?.visibleLines ?? []).map { "    " + self.paint(.green, $0) }
            return self.hung(reason, on: self.paint(.blue, "?")) + cure
        }
    }

    private var wellChecks: [String] {
        let well = self.report.outcomes.filter(\.isOK)
        guard !well.isEmpty else { return [] }
        if self.options.verbosity < 2 {
            let titles = well.map(\.title.oneLine).joined(separator: ", ")
            return self.hung(wrapped("All well: \(titles).", width: self.proseWidth - 2), on: self.paint(.green, "✓"))
        }
        return well.flatMap { outcome -> [String] in
            guard case .ok(let evidence) = outcome.verdict else { return [] }
            let time =
                outcome.seconds.flatMap { self.options.verbosity > 2 ? " (\(Units.text(seconds: $0)))" : nil } ?? ""
            return [self.paint(.green, "✓") + " " + outcome.title.oneLine + time] + self.evidence(evidence)
        }
    }

    /// Lines whose first begins with a mark and whose others stand under its text.
    private func hung(_ lines: [String], on mark: String) -> [String] {
        lines.enumerated().map { $0.offset == 0 ? "\(mark) \($0.element)" : "  \($0.element)" }
    }

    private func blocks(of section: Section) -> [[String]] {
        guard !section.tables.isEmpty || !section.facts.isEmpty else { return [] }
        let isNamed = section.title != self.report.title
        let heading = isNamed ? [self.paint(.bold, section.title.oneLine)] : []
        var blocks = [heading + self.evidence(section.facts, indent: "")]
        for table in section.tables {
            let isSame = table.title == section.title
            let lines =
                table.rows.isEmpty
                ? ["(none)"]
                : TextTable(table, now: self.report.createdAt).lines(width: self.options.width, paint: self.paint)
            blocks.append((isSame ? [] : [self.paint(.bold, table.title.oneLine)]) + lines)
        }
        return blocks
    }

    private var next: [String] {
        guard !self.report.next.isEmpty else { return [] }
        return [self.paint(.bold, "Next")] + self.report.next.flatMap(\.visibleLines).map { "  " + $0 }
    }
}
