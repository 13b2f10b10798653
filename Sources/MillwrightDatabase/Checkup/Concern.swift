// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What a check is about; each concern is a section of a report, in this order.
public enum Concern: String, Sendable, CaseIterable {
    /// Indexes that are broken, useless, doubled, swollen or missing.
    case indexes
    /// Statements that take the server's time.
    case queries
    /// Dead rows, transaction ids, and what holds vacuum back.
    case vacuum
    /// Sessions that wait for each other.
    case locks
    /// Connections and how many are left.
    case pools
    /// Sequences and the columns they fill.
    case sequences
    /// The server's settings, judged by what the server did with them.
    case settings

    /// The heading of its section.
    public var title: String {
        switch self {
        case .indexes: "Indexes"
        case .queries: "Queries"
        case .vacuum: "Vacuum"
        case .locks: "Locks"
        case .pools: "Connections"
        case .sequences: "Sequences"
        case .settings: "Settings"
        }
    }
}
