// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Prints measurements for people.
struct Table {
    var measurements: [Measurement]

    var text: String {
        let rows = self.measurements.map(Self.cells)
        let header = ["", "ours", "other", "unit", "ratio", "goal", ""]
        let all = [header] + rows
        let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            let cells = zip(row, widths).enumerated().map { column, cell in
                let space = String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 0 || column == 6 ? cell.0 + space : space + cell.0
            }
            return "  " + cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    private static func cells(_ one: Measurement) -> [String] {
        let goal =
            switch one.goal {
            case .ratioAtLeast(let bound): "≥ \(Self.short(bound))"
            case .ratioAtMost(let bound): "≤ \(Self.short(bound))"
            case .atMost(let bound): "≤ \(Self.figure(bound))"
            case .none: ""
            }
        let verdict = one.isMet.map { $0 ? "met" : "MISSED" } ?? ""
        return [
            one.name, Self.figure(one.ours), one.other.map(Self.figure) ?? "–", one.unit,
            one.ratio.map(Self.short) ?? "–", goal, verdict,
        ]
    }

    /// Whole numbers from 100 on, with groups of three digits; two decimals below.
    private static func figure(_ value: Double) -> String {
        guard value.isFinite else { return "\(value)" }
        guard abs(value) >= 100 else { return Self.short(value) }
        var digits = String(Int(value.rounded()).magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (value < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }

    /// Two decimals.
    private static func short(_ value: Double) -> String {
        guard value.isFinite else { return "\(value)" }
        let hundredths = Int((abs(value) * 100).rounded())
        let rest = String(hundredths % 100)
        return (value < 0 ? "-" : "") + "\(hundredths / 100).\(rest.count < 2 ? "0" : "")\(rest)"
    }
}
