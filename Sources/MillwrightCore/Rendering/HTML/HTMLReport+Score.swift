// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension HTMLReport {
    /// The score as a ring with its parts, and how many verdicts there are of each kind.
    var overview: HTML {
        var parts: [HTML] = []
        if let score = self.report.score {
            parts.append(Self.ring(score.value))
            parts.append(.element("div", ["class": "parts"], score.parts.map(self.row(of:))))
        }
        return .element(
            "section",
            ["class": "overview"],
            (parts.isEmpty ? [] : [.element("div", ["class": "score card"], parts)]) + [self.tally]
        )
    }

    private var tally: HTML {
        let tally = Tally(self.report.outcomes)
        var chips: [HTML] = []
        for severity in Severity.allCases.reversed() {
            guard let count = tally.findings[severity] else { continue }
            chips.append(Self.chip(count, severity.word(count: count), style: severity.rawValue))
        }
        if tally.unknown > 0 { chips.append(Self.chip(tally.unknown, "could not tell", style: "unknown")) }
        if tally.ok > 0 { chips.append(Self.chip(tally.ok, "ok", style: "ok")) }
        return .element("ul", ["class": "tally"], chips)
    }

    private static func chip(_ count: Int, _ word: String, style: String) -> HTML {
        .element("li", ["class": style], [.element("b", text: Units.text(count: count)), .text(" " + word)])
    }

    /// A ring of circumference 100, so that its dash is the percentage.
    private static func ring(_ value: Int?) -> HTML {
        let label = value.map { "Score \($0) of 100" } ?? "Score not known"
        let circle: KeyValuePairs<StaticString, String> = ["class": "track", "cx": "21", "cy": "21", "r": "15.9155"]
        let arc = HTML.element(
            "circle",
            [
                "class": "arc", "cx": "21", "cy": "21", "r": "15.9155", "stroke-dasharray": "\(value ?? 0) 100",
                "transform": "rotate(-90 21 21)",
            ]
        )
        return .element(
            "svg",
            [
                "class": "ring \(Self.grade(value.map { Double($0) / 100 }))", "viewBox": "0 0 42 42", "role": "img",
                "aria-label": label,
            ],
            [
                .element("circle", circle), (value ?? 0) > 0 ? arc : .empty,
                .element("text", ["x": "21", "y": "22.5", "class": "mark"], text: value.map(String.init) ?? "–"),
                .element("text", ["x": "21", "y": "27.6", "class": "of"], text: value == nil ? "not known" : "of 100"),
            ]
        )
    }

    private func row(of part: Score.Part) -> HTML {
        let unknown =
            part.unknown > 0 ? [HTML.element("small", ["class": "unknown"], text: "\(part.unknown) unknown")] : []
        var points: [HTML] = []
        // A sliver shows that the part was judged and earned nothing.
        var bar = HTML.bar(0, style: "bar none")
        if part.possible > 0 {
            let share = min(max(part.points / part.possible, 0), 1)
            points.append(.text("\(Quantity.number(part.points).text) / \(Quantity.number(part.possible).text) "))
            bar = .bar(max(share, 0.015), style: "bar \(Self.grade(share))")
        } else if unknown.isEmpty {
            points.append(.text("not judged"))
        }
        return .element(
            "div",
            ["class": "part"],
            [self.link(to: part.name), bar, .element("span", ["class": "points"], points + unknown)]
        )
    }

    /// The part's name, as a link where the page shows the section of that name.
    private func link(to name: String) -> HTML {
        let sections = self.report.sections
        guard let number = sections.firstIndex(where: { $0.title == name }), sections[number].hasBody else {
            return .element("span", ["class": "name"], text: name)
        }
        return .element("a", ["class": "name", "href": "#part-\(number)"], text: name)
    }

    private static func grade(_ share: Double?) -> String {
        guard let share else { return "unknown" }
        return share >= 0.9 ? "ok" : share >= 0.6 ? "warning" : "error"
    }
}
