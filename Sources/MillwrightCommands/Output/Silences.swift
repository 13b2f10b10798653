// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// The findings the settings silence: by id (`indexes.W001`) or by fingerprint (`indexes.W001:public.orders_ix`).
struct Silences: Sendable {
    private let words: Set<String>

    init(_ words: [String]) { self.words = Set(words) }

    /// The findings that are not silenced.
    func kept(_ findings: [Finding]) -> [Finding] {
        findings.filter { !self.words.contains($0.id) && !self.words.contains($0.fingerprint) }
    }

    /// The report without the silenced findings; each section says how many it left out.
    func applied(to report: Report) -> Report {
        guard !self.words.isEmpty else { return report }
        var report = report
        report.sections = report.sections.map(self.applied(to:))
        return report
    }

    private func applied(to section: Section) -> Section {
        var section = section
        var count = 0
        section.outcomes = section.outcomes.map { outcome in
            guard case .findings(let findings) = outcome.verdict else { return outcome }
            let kept = self.kept(findings)
            count += findings.count - kept.count
            var outcome = outcome
            outcome.verdict = .of(kept)
            return outcome
        }
        if count > 0 { section.facts.append(Evidence("silenced findings", .count(count))) }
        return section
    }
}
