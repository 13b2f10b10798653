// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// One statement of a workload with what it weighs.
struct WorkloadStatement: Sendable, Hashable {
    /// What weights are in.
    enum Weight: Sendable, Hashable {
        /// How often it runs: its share of the workload is that times its cost.
        case calls(Double)
        /// The seconds that it took altogether: measured, so they count as they are.
        case seconds(Double)
    }

    /// What it is called in the report: the server's query id, or a file and a line.
    var name: String
    /// As it was written, with `$1` where a value was taken out.
    var text: String
    var weight: Weight
    var calls: Double = 1
    /// Rows it returned each time, where that was counted.
    var rowsPerCall: Double?
    /// Real values of its placeholders, as SQL literals, where a log told them.
    var values: [Int: String] = [:]
    /// Columns that its placeholders were compared with the same values each time, as far as that was seen.
    var constantColumns: Set<String> = []
    /// The database that it ran in, where a log told it.
    var database: String?
}

/// A statement that no advice can be given for, and why.
public struct UnusableStatement: Sendable, Hashable {
    /// What it is called.
    public var name: String
    /// Its text in one line, cut.
    public var text: String
    /// Why.
    public var reason: String
    /// Whether the role lacks a right.
    var isDenied = false
}
