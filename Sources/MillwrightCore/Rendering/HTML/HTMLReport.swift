// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Writes a report as one self-contained page.
///
/// It runs no script and loads nothing; a policy in its head forbids both, should a word from outside ever get through.
struct HTMLReport {
    let report: Report

    var document: String {
        let page = HTML.element("html", ["lang": "en"], [self.head, self.body])
        return "<!doctype html>\n" + page.source + "\n"
    }

    private var head: HTML {
        .element(
            "head",
            [:],
            [
                HTML(
                    markup: """
                        <meta charset="utf-8">
                        <meta name="viewport" content="width=device-width, initial-scale=1">
                        <meta name="color-scheme" content="light dark">
                        <meta name="generator" content="Millwright">
                        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">

                        """
                ),
                .element("title", text: self.report.title.oneLine),
                .element("style", [:], [HTMLReport.style]),
            ]
        )
    }

    private var body: HTML {
        var parts = [self.header]
        if self.report.score != nil || !self.report.outcomes.isEmpty { parts.append(self.overview) }
        if self.report.outcomes.isEmpty, !self.report.sections.contains(where: \.hasBody) {
            parts.append(.element("p", text: "Nothing was checked."))
        }
        parts += [self.findings, self.unknown, self.wellChecks]
        parts += self.report.sections.enumerated().map { self.part($0.element, number: $0.offset) }
        parts += [self.next, self.footer]
        return .element("body", [:], [.element("main", [:], parts)])
    }

    private var header: HTML {
        .element(
            "header",
            [:],
            [
                .element("p", ["class": "eyebrow"], [Self.wheel, .text("manage \(self.report.command)")]),
                .element("h1", text: self.report.title),
                .element("p", ["class": "muted"], text: Timestamp.text(self.report.createdAt)),
            ]
        )
    }

    private var wellChecks: HTML {
        let well = self.report.outcomes.filter(\.isOK)
        guard !well.isEmpty else { return .empty }
        let items = well.map { outcome -> HTML in
            guard case .ok(let evidence) = outcome.verdict else { return .empty }
            let seen = evidence.map { "\($0.name): \($0.value.text)" }.joined(separator: "\n")
            return .element("li", seen.isEmpty ? [:] : ["title": seen], text: outcome.title)
        }
        return .element("section", [:], [.element("h2", text: "All well"), .element("ul", ["class": "well"], items)])
    }

    private var next: HTML {
        guard !self.report.next.isEmpty else { return .empty }
        return .element("section", [:], [.element("h2", text: "Next"), .pre(self.report.next)])
    }

    private var footer: HTML {
        .element("footer", ["class": "muted"], text: "Made by Millwright.")
    }

    /// The wheel of a mill: the page's only ornament.
    private static let wheel = HTML(
        markup: """
            <svg class="wheel" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="7"/>\
            <circle cx="12" cy="12" r="1.6"/><path d="M12 1v9M12 14v9M1 12h9M14 12h9M4.2 4.2l6.4 6.4M13.4 13.4l6.4 6.4\
            M19.8 4.2l-6.4 6.4M10.6 13.4l-6.4 6.4"/></svg>
            """
    )
}

extension HTML {
    /// Commands that can be pasted.
    static func pre(_ commands: [String]) -> HTML {
        commands.isEmpty ? .empty : .element("pre", [:], [.element("code", text: commands.joined(separator: "\n"))])
    }

    /// Facts as a definition list.
    static func facts(_ facts: [Evidence]) -> HTML {
        guard !facts.isEmpty else { return .empty }
        let pairs = facts.map { fact -> HTML in
            let isLong = fact.value.text.count > 60
            return .element(
                "div",
                isLong ? ["class": "long"] : [:],
                [.element("dt", text: fact.name), .element("dd", text: fact.value.text)]
            )
        }
        return .element("dl", [:], pairs)
    }
}
