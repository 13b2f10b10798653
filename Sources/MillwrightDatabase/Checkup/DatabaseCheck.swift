// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// A check that reads one database.
///
/// A check collects rows in a read-only transaction with short timeouts, and a pure function turns them into a verdict.
/// It is a value: thresholds are its properties. A new one is a file, a line in `Checks`, and its test.
public protocol DatabaseCheck: Check, Configurable {
    /// What it reads from the server.
    associatedtype Observation: Sendable

    /// The section of a report it belongs to.
    static var concern: Concern { get }

    /// Creates the check with its default thresholds.
    init()

    /// Reads what the verdict rests on.
    func collect(from inspection: Inspection) async throws -> Observation

    /// Judges what was read; it touches nothing else.
    func verdict(on observation: Observation) -> Verdict

    /// Tables, charts and facts that a report shows beside the verdict.
    func exhibits(on observation: Observation) -> Exhibits
}

extension DatabaseCheck {
    /// Shows nothing beside the verdict.
    public func exhibits(on observation: Observation) -> Exhibits { Exhibits() }
}

/// What a check shows beside its verdict.
public struct Exhibits: Sendable, Hashable {
    /// What was looked at.
    public var facts: [Evidence]
    /// Tables of a report.
    public var tables: [Table]
    /// Charts of a report.
    public var charts: [Chart]

    /// Creates exhibits.
    public init(facts: [Evidence] = [], tables: [Table] = [], charts: [Chart] = []) {
        self.facts = facts
        self.tables = tables
        self.charts = charts
    }
}
