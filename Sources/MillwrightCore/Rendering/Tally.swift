// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// How many verdicts of each kind a report holds.
struct Tally {
    private(set) var findings: [Severity: Int] = [:]
    private(set) var ok = 0
    private(set) var unknown = 0

    init(_ outcomes: [CheckOutcome]) {
        for outcome in outcomes {
            switch outcome.verdict {
            case .findings(let found): for finding in found { self.findings[finding.severity, default: 0] += 1 }
            case .ok: self.ok += 1
            case .unknown: self.unknown += 1
            }
        }
    }

    /// The findings' counts, worst first: `1 critical`, `2 errors`; empty where there are none.
    var words: [String] {
        Severity.allCases.reversed().compactMap { severity in
            self.findings[severity].map { "\(Units.text(count: $0)) \(severity.word(count: $0))" }
        }
    }
}

extension Severity {
    /// The word beside a count.
    func word(count: Int) -> String {
        switch self {
        case .info: "info"
        case .warning: count == 1 ? "warning" : "warnings"
        case .error: count == 1 ? "error" : "errors"
        case .critical: "critical"
        }
    }
}

/// The checks that could not tell for the same reason, so that one missing privilege is one entry.
struct UnknownGroup: Equatable {
    var reason: String
    var cure: String?
    var titles: [String]

    static func all(in outcomes: [CheckOutcome]) -> [UnknownGroup] {
        var groups: [UnknownGroup] = []
        for outcome in outcomes {
            guard case .unknown(let reason, let cure) = outcome.verdict else { continue }
            if let index = groups.firstIndex(where: { $0.reason == reason && $0.cure == cure }) {
                groups[index].titles.append(outcome.title)
            } else {
                groups.append(UnknownGroup(reason: reason, cure: cure, titles: [outcome.title]))
            }
        }
        return groups
    }
}

/// A finding that is shown whole, or how many more of the same id stay folded.
enum FoldedFinding: Equatable {
    case shown(Finding)
    /// Never empty; stands right after the last one of its id that is shown.
    case folded(id: String, [Finding])

    /// Keeps the first `limit` findings of each id; a single one over it is shown, because a line that folds it is as long.
    static func all(in findings: [Finding], limit: Int) -> [FoldedFinding] {
        var byID: [String: [Finding]] = [:]
        for finding in findings { byID[finding.id, default: []].append(finding) }
        var seen: [String: Int] = [:]
        var result: [FoldedFinding] = []
        for finding in findings {
            let all = byID[finding.id, default: []]
            let place = seen[finding.id, default: 0] + 1
            seen[finding.id] = place
            if place <= limit || all.count == limit + 1 { result.append(.shown(finding)) }
            if place == limit, all.count > limit + 1 {
                result.append(.folded(id: finding.id, Array(all.dropFirst(limit))))
            }
        }
        return result
    }
}
