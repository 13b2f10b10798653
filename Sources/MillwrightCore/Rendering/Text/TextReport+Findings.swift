// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension TextReport {
    /// One line a finding, for `--verbosity 0`.
    var findingLines: [String] {
        self.report.findings.map { finding in
            "\(self.sign(of: finding)) \(finding.id.oneLine) \(finding.subject.oneLine): \(finding.message.oneLine)"
        }
    }

    /// One block a finding, worst first; many of the same id are folded unless all were asked for.
    var findings: [[String]] {
        let limit = self.options.verbosity < 2 ? 5 : Int.max - 1
        return FoldedFinding.all(in: self.report.findings, limit: limit).map { entry in
            switch entry {
            case .shown(let finding): self.block(of: finding)
            case .folded(let id, let findings):
                [
                    self.paint(
                        .dim,
                        "  … and \(Units.text(count: findings.count)) more of \(id.oneLine): --verbosity 2 or --format table"
                    )
                ]
            }
        }
    }

    private func sign(of finding: Finding) -> String {
        self.paint(finding.severity.style, "\(finding.severity.mark) \(finding.severity.rawValue.uppercased())")
    }

    private func block(of finding: Finding) -> [String] {
        var lines = [
            "\(self.sign(of: finding))  \(self.paint(.bold, finding.subject.oneLine))  \(self.paint(.dim, finding.id.oneLine))"
        ]
        lines += wrapped(finding.message, width: self.proseWidth - 2).map { "  " + $0 }
        lines += self.evidence(finding.evidence)
        if finding.confidence != .high {
            lines.append(self.paint(.dim, "  Confidence: \(finding.confidence.rawValue)."))
        }
        if let remedy = finding.remedy {
            let advice = wrapped(remedy.advice, width: self.proseWidth - 4)
            lines += advice.enumerated().map { ($0.offset == 0 ? "  → " : "    ") + $0.element }
            // Commands are never wrapped: they are there to be pasted.
            lines += remedy.commands.flatMap(\.visibleLines).map { "      " + self.paint(.green, $0) }
        }
        if self.options.verbosity > 2 {
            lines.append(self.paint(.dim, "  Fingerprint: \(finding.fingerprint.oneLine)"))
        }
        return lines
    }

    /// Facts on lines of their own: short ones joined, long ones (an SQL text) each by itself.
    func evidence(_ facts: [Evidence], indent: String = "  ") -> [String] {
        let width = self.proseWidth <= 0 ? 0 : self.proseWidth - indent.count
        var lines: [String] = []
        var short: [String] = []
        for fact in facts {
            let text = "\(fact.name.oneLine) \(fact.value.text.oneLine)"
            if text.displayWidth <= 48 {
                short.append(text)
            } else {
                lines += wrapped(short, between: " · ", width: width) + wrapped(text, width: width)
                short = []
            }
        }
        lines += wrapped(short, between: " · ", width: width)
        return lines.map { indent + self.paint(.dim, $0) }
    }
}
