// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension TextReport {
    /// The mark and its parts, each with a bar.
    var score: [String] {
        guard let score = self.report.score else { return [] }
        let mark = score.value.map { "Score \($0) of 100" } ?? "Score not known: nothing could be judged."
        guard self.options.verbosity > 0 else { return [mark] }
        let names = score.parts.map(\.name.oneLine)
        let width = names.map(\.displayWidth).max() ?? 0
        return [self.paint(.bold, mark)]
            + zip(names, score.parts).map { name, part in
                let unknown = part.unknown > 0 ? self.paint(.blue, "  \(part.unknown) unknown") : ""
                return "  \(name.padded(to: width))  \(self.bar(part))\(unknown)"
            }
    }

    private func bar(_ part: Score.Part) -> String {
        guard part.possible > 0 else { return self.paint(.dim, String(repeating: "·", count: 20) + "  not judged") }
        let share = min(max(part.points / part.possible, 0), 1)
        let filled = Int((share * 20).rounded())
        let style: Paint.Style = share >= 0.9 ? .green : share >= 0.6 ? .yellow : .red
        let points = "\(Quantity.number(part.points).text)/\(Quantity.number(part.possible).text)"
        return self.paint(style, String(repeating: "█", count: filled))
            + self.paint(.dim, String(repeating: "░", count: 20 - filled)) + "  " + points
    }
}

extension CheckOutcome {
    /// Whether the check looked and found nothing.
    var isOK: Bool {
        if case .ok = self.verdict { true } else { false }
    }
}
