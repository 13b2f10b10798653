// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Something that Millwright promises a figure for.
protocol Benchmark: Sendable {
    /// What it is asked for by, and the name of its result file.
    static var name: String { get }
    /// What is measured, and beside what: one line above the table.
    static var about: String { get }
    /// Measures.
    static func run() async throws -> [Measurement]
}
