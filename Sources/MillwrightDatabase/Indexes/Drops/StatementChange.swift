// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What one statement cost before an index was dropped, and what it has cost since.
public struct StatementChange: Sendable, Hashable {
    /// Its query id.
    public var id: String
    /// Its text, as pg_stat_statements normalises it, in one line.
    public var text: String
    /// What it had cost before; `nil` where it had not run.
    public var before: StatementUse?
    /// What it has cost since.
    public var since: StatementUse
    var effect: Worsening.Effect

    /// Whether it reads more pages and takes longer, by far.
    public var isWorse: Bool { self.effect == .worse }

    init(_ statement: Statement, before: StatementUse?, since: StatementUse, by rule: Worsening = Worsening()) {
        self.id = statement.id
        self.text = statement.oneLine(200)
        self.before = before
        self.since = since
        self.effect = rule.effect(before: before, since: since)
    }

    /// How much dearer it has become, by pages.
    var factor: Double { self.since.pagesPerCall / max(1, self.before?.pagesPerCall ?? 1) }
}
