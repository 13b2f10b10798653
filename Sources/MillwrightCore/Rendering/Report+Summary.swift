// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension Report {
    /// One line: what was found, the score, the worst finding.
    var summaryLine: String {
        let tally = Tally(self.outcomes)
        var counts = tally.words
        if counts.isEmpty { counts = self.outcomes.isEmpty ? ["nothing checked"] : ["no findings"] }
        if tally.unknown > 0 { counts.append("\(tally.unknown) unknown") }
        if tally.ok > 0 { counts.append("\(tally.ok) ok") }
        var parts = [counts.joined(separator: ", ")]
        if let value = self.score?.value { parts.append("score \(value)/100") }
        if let worst = self.findings.first {
            parts.append("worst: \(worst.id.oneLine) \(worst.subject.oneLine): \(worst.message.oneLine)")
        }
        return "\(self.command.oneLine): " + parts.joined(separator: "; ")
    }
}
