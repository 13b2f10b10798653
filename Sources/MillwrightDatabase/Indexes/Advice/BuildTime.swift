// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// How long an index takes to be built beside the application, roughly: waiting for others is not in it.
///
/// A concurrent build reads the table twice, sorts the entries, and writes them. The rates are those of one processor with the
/// table in memory, without parallel workers; `index-advisor-runtime` prints them beside real builds.
struct BuildTime: Sendable, Hashable {
    /// Bytes of the table read each second, in both passes together.
    private static let tableRate = 500e6
    /// Seconds for one comparison of a sort.
    private static let comparison = 25e-9
    /// Bytes of the index written each second.
    private static let indexRate = 200e6

    var seconds: Double

    init(_ candidate: CandidatePool.Candidate, on table: AdvisedTable) {
        let rows = max(1, table.rows * candidate.share)
        let isSorted = candidate.definition.method == "btree"
        let comparisons = isSorted ? rows * log2(max(2, rows)) : rows
        self.seconds =
            2 * table.pages * 8192 / Self.tableRate + comparisons * Self.comparison + candidate.bytes / Self.indexRate
    }
}
