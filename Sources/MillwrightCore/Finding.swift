// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// One fact that a verdict rests on: a name and its value.
public struct Evidence: Sendable, Hashable {
    /// What was looked at, in the server's own words (`idx_scan`, `statistics window`).
    public var name: String
    /// What was seen.
    public var value: Quantity

    /// Creates a fact.
    public init(_ name: String, _ value: Quantity) {
        self.name = name
        self.value = value
    }
}

/// How sure a finding is.
public enum Confidence: String, Sendable, Codable, CaseIterable {
    /// Estimated from statistics.
    case low
    /// Measured, but on part of the nodes or over a short window.
    case medium
    /// Read from the catalog, or measured over the whole window.
    case high
}

/// What to do about a finding.
public struct Remedy: Sendable, Hashable {
    /// One or two sentences for a person.
    public var advice: String
    /// Statements or commands that can be pasted as they are; empty where only a person can act.
    public var commands: [String]

    /// Creates a remedy; `commands` are SQL statements or shell commands, complete with `;` where they are SQL.
    public init(_ advice: String, commands: [String] = []) {
        self.advice = advice
        self.commands = commands
    }
}

/// One problem, with what proves it and what cures it.
public struct Finding: Sendable, Hashable {
    /// The permanent id: `indexes.W001`; never reused, never renumbered.
    public var id: String
    /// How bad it is.
    public var severity: Severity
    /// What it is about, quoted as the server quotes it: an index, a table, a role, a cache alias.
    public var subject: String
    /// One sentence with a period.
    public var message: String
    /// What the verdict rests on.
    public var evidence: [Evidence]
    /// What to do.
    public var remedy: Remedy?
    /// How sure it is.
    public var confidence: Confidence
    /// What the finding costs (bytes wasted, time per second lost): within one severity, more comes first.
    public var weight: Double

    /// Creates a finding.
    public init(
        _ id: String,
        _ severity: Severity,
        on subject: String,
        message: String,
        evidence: [Evidence] = [],
        remedy: Remedy? = nil,
        confidence: Confidence = .high,
        weight: Double = 0
    ) {
        self.id = id
        self.severity = severity
        self.subject = subject
        self.message = message
        self.evidence = evidence
        self.remedy = remedy
        self.confidence = confidence
        self.weight = weight
    }

    /// The key under which a person silences this finding and no other: id and subject, not the figures.
    public var fingerprint: String { "\(self.id):\(self.subject)" }
}
