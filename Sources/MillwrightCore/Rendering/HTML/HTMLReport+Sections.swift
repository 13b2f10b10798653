// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension HTMLReport {
    /// A section's facts, charts and tables; its findings stand above, among the others.
    func part(_ section: Section, number: Int) -> HTML {
        guard section.hasBody else { return .empty }
        let heading = HTML.element("h2", text: section.title)
        return .element(
            "section",
            ["id": "part-\(number)"],
            [heading, .facts(section.facts)] + [self.charts(of: section)]
                + section.tables.map { self.block(of: $0, isNamed: $0.title != section.title) }
        )
    }

    private func charts(of section: Section) -> HTML {
        let charts = section.charts.filter { !$0.points.isEmpty }
        return charts.isEmpty
            ? .empty : .element("div", ["class": "charts"], charts.map { HTMLChart(chart: $0).figure })
    }

    private func block(of table: Table, isNamed: Bool) -> HTML {
        let heading = isNamed ? HTML.element("h3", text: table.title) : .empty
        if table.rows.isEmpty { return .joined([heading, .element("p", ["class": "muted"], text: "None.")]) }
        let styles = table.columns.indices.map { CellStyle(of: $0, in: table) }
        let headings = zip(table.columns, styles).map { column, style -> HTML in
            .element("th", style == .figure ? ["scope": "col", "class": "n"] : ["scope": "col"], text: column.title)
        }
        let rows = table.rows.map { row -> HTML in .element("tr", [:], zip(row, styles).map(self.cell)) }
        let element = HTML.element(
            "table",
            [:],
            [.element("thead", [:], [.element("tr", [:], headings)]), .element("tbody", [:], rows)]
        )
        return .joined([heading, .element("div", ["class": "scroll card"], [element])])
    }

    private func cell(_ value: Quantity, style: CellStyle) -> HTML {
        let text = value.text
        switch style {
        case .figure: return .element("td", ["class": "n"], text: text)
        case .words:
            // A date broken over four lines makes a table long and hard to read.
            if case .text = value { return .element("td", text: text) }
            return .element("td", ["class": "whole"], text: text)
        case .code where text.count <= 240: return .element("td", ["class": "long"], text: text)
        case .code:
            let summary = HTML.element("summary", text: text.oneLine.cut(to: 160))
            return .element("td", ["class": "long"], [.element("details", [:], [summary, .pre([text])])])
        }
    }
}

/// How a column's cells are set.
private enum CellStyle {
    case figure, words
    /// Long texts, which are queries and definitions.
    case code

    init(of column: Int, in table: Table) {
        let isLong = table.rows.contains { row in
            if column < row.count, case .text(let text) = row[column] { text.count > 60 } else { false }
        }
        self = table.isNumeric(column) ? .figure : isLong ? .code : .words
    }
}

extension Section {
    /// Whether a page shows anything of the section but its findings.
    var hasBody: Bool { !self.facts.isEmpty || !self.tables.isEmpty || self.charts.contains { !$0.points.isEmpty } }
}
