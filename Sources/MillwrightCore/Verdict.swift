// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What a check says after it looked.
public enum Verdict: Sendable, Hashable {
    /// There are problems; never empty.
    case findings([Finding])
    /// It looked, and all is well; the evidence says at what.
    case ok([Evidence])
    /// It could not tell: why, and the statement or command that would let it.
    case unknown(reason: String, cure: String?)

    /// Findings where there are any, otherwise ok with `evidence`.
    public static func of(_ findings: [Finding], evidence: [Evidence] = []) -> Verdict {
        findings.isEmpty ? .ok(evidence) : .findings(findings)
    }

    /// The findings, none for the other two verdicts.
    public var findings: [Finding] {
        if case .findings(let all) = self { all } else { [] }
    }
}

/// A check: a value with its thresholds as properties.
///
/// Each concern refines it with what it collects; all of them keep one rule: a **pure function turns rows into a verdict**.
public protocol Check: Sendable {
    /// The permanent name, a kebab-case plural noun: `unused-indexes`.
    static var name: String { get }
    /// The heading of its part of a report: "Unused indexes".
    static var title: String { get }
    /// The ids of the findings it can make, in order.
    static var ids: [String] { get }
}

/// A check's name and what it said.
public struct CheckOutcome: Sendable, Hashable {
    /// The check's name.
    public var name: String
    /// The check's heading.
    public var title: String
    /// What it said.
    public var verdict: Verdict
    /// How long it took, in seconds; `nil` where it was not timed.
    public var seconds: Double?

    /// Creates an outcome.
    public init(name: String, title: String, verdict: Verdict, seconds: Double? = nil) {
        self.name = name
        self.title = title
        self.verdict = verdict
        self.seconds = seconds
    }
}
