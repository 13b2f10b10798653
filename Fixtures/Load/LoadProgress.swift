// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// How far a load is.
public struct LoadProgress: Sendable, Hashable {
    /// What is being done: a table's name, or a phase in words.
    public let step: String
    /// Rows of this step that were sent; 0 where the step has no rows.
    public let rows: Int
    /// Rows that this step will send, or nearly so; 0 where it has no rows.
    public let expectedRows: Int
    /// How far the whole load is, from 0 to 1.
    public let share: Double
}
