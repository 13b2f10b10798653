// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Draws a chart as inline SVG.
///
/// The drawings stretch with the page while labels stay words of the page, so that a telephone shows them in full size.
struct HTMLChart {
    let chart: Chart

    /// More bars than this say nothing more.
    private static let mostBars = 15

    var figure: HTML {
        let drawing =
            switch self.chart.kind {
            case .bars: self.bars
            case .line: self.line
            }
        return .element("figure", ["class": "card"], [.element("figcaption", text: self.chart.title), drawing])
    }

    // MARK: Bars

    private var bars: HTML {
        let points = self.chart.points.sorted {
            ($0.value.magnitude ?? -.infinity) > ($1.value.magnitude ?? -.infinity)
        }
        let longest = points.compactMap(\.value.magnitude).filter(\.isFinite).max() ?? 0
        let rows = points.prefix(Self.mostBars).map { point -> HTML in
            let share = longest > 0 ? (point.value.magnitude ?? 0) / longest : 0
            return .element(
                "div",
                ["class": "row"],
                [
                    .element("span", ["class": "label", "title": point.label], text: point.label),
                    .bar(share, style: "bar"),
                    .element("span", ["class": "value"], text: point.value.text),
                ]
            )
        }
        let rest = points.count - rows.count
        let more =
            rest > 0 ? HTML.element("p", ["class": "muted small"], text: "and \(Units.text(count: rest)) more") : .empty
        return .element("div", ["class": "bars"], rows + [more])
    }

    // MARK: Line

    private var line: HTML {
        let values = self.chart.points.map { $0.value.magnitude.flatMap { $0.isFinite ? $0 : nil } }
        guard
            let highest = self.chart.points.filter({ $0.value.magnitude?.isFinite == true })
                .max(by: { ($0.value.magnitude ?? 0) < ($1.value.magnitude ?? 0) })
        else { return .element("p", ["class": "muted"], text: "No values.") }
        let top = max(highest.value.magnitude ?? 0, 0)
        let bottom = min(values.compactMap { $0 }.min() ?? 0, 0)
        let plot = Plot(values: values, top: top, bottom: bottom)
        let svg = HTML.element(
            "svg",
            ["viewBox": "0 0 100 100", "preserveAspectRatio": "none", "role": "img", "aria-label": self.spoken],
            [plot.grid] + plot.runs.flatMap(plot.drawing(of:)) + self.dots(plot)
        )
        let scale = [highest.value.text, bottom == 0 ? "0" : Quantity.number(bottom).text]
        return .element(
            "div",
            ["class": "line"],
            [
                .element("div", ["class": "scale"], scale.map { .element("span", text: $0) }), svg,
                .element("div", ["class": "labels"], self.endLabels.map { .element("span", text: $0) }),
            ]
        )
    }

    private var spoken: String {
        "\(self.chart.title): " + self.chart.points.map { "\($0.label) \($0.value.text)" }.joined(separator: ", ")
    }

    private var endLabels: [String] {
        let labels = self.chart.points.map(\.label)
        guard let first = labels.first, let last = labels.last, labels.count > 1 else { return labels }
        return labels.count > 4 ? [first, labels[labels.count / 2], last] : [first, last]
    }

    /// Each point with its words on hover; left out where they would touch each other.
    private func dots(_ plot: Plot) -> [HTML] {
        guard self.chart.points.count <= 60 else { return [] }
        return self.chart.points.indices.compactMap { index in
            guard let place = plot.place(of: index) else { return nil }
            let point = self.chart.points[index]
            // A line of no length with a round cap stays a circle however the drawing is stretched.
            return .element(
                "path",
                ["class": "dot", "d": "M\(place)h0.001"],
                [.element("title", text: "\(point.label): \(point.value.text)")]
            )
        }
    }
}

/// Values placed on a field of 100 by 100.
private struct Plot {
    let values: [Double?]
    let top: Double
    let bottom: Double

    /// Unbroken runs of values; where one is missing the line has a gap.
    var runs: [Range<Int>] {
        var runs: [Range<Int>] = []
        for index in self.values.indices where self.values[index] != nil {
            if let last = runs.last, last.upperBound == index {
                runs[runs.count - 1] = last.lowerBound..<(index + 1)
            } else {
                runs.append(index..<(index + 1))
            }
        }
        return runs
    }

    var grid: HTML { .element("path", ["class": "grid", "d": "M0 4H100M0 50H100M0 96H100"]) }

    /// `x y` of a value, or `nil` where it is missing.
    func place(of index: Int) -> String? {
        guard let value = self.values[index] else { return nil }
        return "\(self.x(index)) \(self.y(value))"
    }

    func drawing(of run: Range<Int>) -> [HTML] {
        guard run.count > 1 else { return [] }
        let path = "M" + run.compactMap(self.place(of:)).joined(separator: "L")
        let base = self.y(max(self.bottom, 0))
        let area = path + "L\(self.x(run.upperBound - 1)) \(base)L\(self.x(run.lowerBound)) \(base)Z"
        return [.element("path", ["class": "area", "d": area]), .element("path", ["class": "stroke", "d": path])]
    }

    private func x(_ index: Int) -> String {
        self.values.count > 1 ? Self.digits(1 + 98 * Double(index) / Double(self.values.count - 1)) : "50"
    }

    private func y(_ value: Double) -> String {
        let height = self.top - self.bottom
        return Self.digits(height > 0 ? 96 - 92 * (value - self.bottom) / height : 96)
    }

    private static func digits(_ number: Double) -> String { PlainNumber.rounded(number, places: 2) }
}

extension HTML {
    /// A horizontal bar; its length is a share between 0 and 1.
    static func bar(_ share: Double, style: String) -> HTML {
        let length = share.isFinite ? PlainNumber.rounded(min(max(share, 0), 1) * 100, places: 2) : "0"
        let rect = HTML.element("rect", ["class": "fill", "width": length, "height": "10"])
        let track = HTML.element("rect", ["class": "track", "width": "100", "height": "10"])
        return .element(
            "svg",
            ["class": style, "viewBox": "0 0 100 10", "preserveAspectRatio": "none", "aria-hidden": "true"],
            [track, rect]
        )
    }
}
