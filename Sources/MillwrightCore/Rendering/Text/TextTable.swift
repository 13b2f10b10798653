// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension Table {
    /// Whether a column holds figures, which are set to the right.
    func isNumeric(_ column: Int) -> Bool {
        let values = self.rows.compactMap { column < $0.count ? $0[column] : nil }.filter { $0 != .missing }
        return !values.isEmpty
            && values.allSatisfy { value in
                if case .time = value { false } else { value.magnitude != nil }
            }
    }
}

/// A table in aligned columns: a heading, a light rule, the rows; no boxes.
struct TextTable {
    private var headings: [String]
    private var rows: [[String]]
    private var isRight: [Bool]

    /// Lays a table out; points in time are written as ages at `now`, which is shorter and what people ask for.
    init(_ table: Table, now: Double) {
        self.headings = table.columns.map(\.title.oneLine)
        self.rows = table.rows.map { row in
            table.columns.indices.map { $0 < row.count ? Self.text(row[$0], now: now) : "" }
        }
        self.isRight = table.columns.indices.map(table.isNumeric)
    }

    private static func text(_ value: Quantity, now: Double) -> String {
        guard case .time(let time) = value else { return value.text.oneLine }
        let seconds = now - time
        return abs(seconds) < 1
            ? "now" : seconds > 0 ? "\(Units.text(seconds: seconds)) ago" : "in \(Units.text(seconds: -seconds))"
    }

    /// The lines, cut to `width` columns as far as words can be cut; figures never are.
    ///
    /// Where a line does not fit, headings take several lines and words are cut, the widest column's first.
    func lines(width: Int, paint: Paint) -> [String] {
        let isTight = width > 0 && Self.lineWidth(self.naturalWidths(headings: self.headings.map { [$0] })) > width
        let headings = self.headings.map { isTight ? $0.split(separator: " ").map(String.init) : [$0] }
        let widths = self.widths(headings: headings, within: width)
        let rule = widths.map { String(repeating: "─", count: $0) }
        return self.headingLines(headings, widths).map { paint(.bold, $0) } + [paint(.dim, self.line(rule, widths))]
            + self.rows.map { self.line($0, widths) }
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var line = zip(cells.indices, cells).map { index, cell in
            cell.cut(to: widths[index]).padded(to: widths[index], isRight: self.isRight[index])
        }.joined(separator: "  ")
        while line.last == " " { line.removeLast() }
        return line
    }

    /// The headings, set on the last line where one has fewer lines than another.
    private func headingLines(_ headings: [[String]], _ widths: [Int]) -> [String] {
        let filled = zip(headings, widths).map { words, width in Self.filled(words, width: width) }
        let height = filled.map(\.count).max() ?? 0
        return (0..<height).map { number in
            self.line(filled.map { $0.count + number >= height ? $0[number + $0.count - height] : "" }, widths)
        }
    }

    /// Words on as few lines as the width allows.
    private static func filled(_ words: [String], width: Int) -> [String] {
        words.reduce(into: [String]()) { lines, word in
            if let last = lines.last, last.displayWidth + 1 + word.displayWidth <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(word)
            }
        }
    }

    private static func lineWidth(_ widths: [Int]) -> Int { widths.reduce(0, +) + 2 * max(0, widths.count - 1) }

    private func naturalWidths(headings: [[String]]) -> [Int] {
        headings.indices.map { index in
            (headings[index] + self.rows.map { $0[index] }).map(\.displayWidth).max() ?? 0
        }
    }

    /// Takes from the widest column of words until the line fits; a column keeps its heading or 8 columns.
    private func widths(headings: [[String]], within limit: Int) -> [Int] {
        var widths = self.naturalWidths(headings: headings)
        guard limit > 0 else { return widths }
        var excess = Self.lineWidth(widths) - limit
        let least = headings.map { max(8, min($0.map(\.displayWidth).max() ?? 0, 24)) }
        while excess > 0 {
            let candidates = widths.indices.filter { !self.isRight[$0] && widths[$0] > least[$0] }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }
}
