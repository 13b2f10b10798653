// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension HTMLReport {
    /// A card a finding, worst first; many of the same id are folded into a table.
    var findings: HTML {
        let findings = self.report.findings
        guard !findings.isEmpty else { return .empty }
        let cards = FoldedFinding.all(in: findings, limit: 5).map { entry in
            switch entry {
            case .shown(let finding): self.card(of: finding)
            case .folded(let id, let findings): self.fold(id: id, findings: findings)
            }
        }
        return .element("section", [:], [.element("h2", text: "Findings")] + cards)
    }

    private func card(of finding: Finding) -> HTML {
        let severity = finding.severity.rawValue
        var parts: [HTML] = [
            .element(
                "h3",
                [:],
                [
                    .element("span", ["class": "badge"], text: severity),
                    .element("span", ["class": "subject"], text: finding.subject),
                    .element("span", ["class": "id"], text: finding.id),
                ]
            ),
            .element("p", text: finding.message),
            .facts(finding.evidence),
        ]
        if finding.confidence != .high {
            parts.append(.element("p", ["class": "muted small"], text: "Confidence: \(finding.confidence.rawValue)."))
        }
        if let remedy = finding.remedy {
            let advice = HTML.element("p", [:], [.element("b", text: "Remedy. "), .text(remedy.advice)])
            let commands = remedy.commands.isEmpty ? HTML.empty : .pre(remedy.commands)
            parts.append(.element("div", ["class": "remedy"], [advice, commands]))
        }
        return .element("article", ["class": "card finding \(severity)"], parts)
    }

    private func fold(id: String, findings: [Finding]) -> HTML {
        let rows = findings.map { finding -> HTML in
            let subject = HTML.element("td", ["class": "subject"], text: finding.subject)
            return .element("tr", [:], [subject, .element("td", text: finding.message)])
        }
        let severity = findings.first?.severity.rawValue ?? ""
        let summary = "\(Units.text(count: findings.count)) more of \(id)"
        let table = HTML.element("table", [:], [.element("tbody", [:], rows)])
        return .element(
            "details",
            ["class": "card finding fold \(severity)"],
            [
                .element("summary", text: summary), .element("div", ["class": "scroll"], [table]),
                .pre(findings.flatMap { $0.remedy?.commands ?? [] }),
            ]
        )
    }

    /// What could not be told, once for each reason, with its cure.
    var unknown: HTML {
        let groups = UnknownGroup.all(in: self.report.outcomes)
        guard !groups.isEmpty else { return .empty }
        let cards = groups.map { group -> HTML in
            .element(
                "article",
                ["class": "card finding unknown"],
                [
                    .element(
                        "h3",
                        [:],
                        [
                            .element("span", ["class": "badge"], text: "unknown"),
                            .text(group.titles.joined(separator: ", ")),
                        ]
                    ),
                    .element("p", text: group.reason),
                    group.cure.map { .element("div", ["class": "remedy"], [.pre([$0])]) } ?? .empty,
                ]
            )
        }
        return .element("section", [:], [.element("h2", text: "Could not tell")] + cards)
    }
}
