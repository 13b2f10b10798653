// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

@testable import MillwrightDatabase

extension Statement {
    /// A statement with its counters, each call as given.
    static func counted(_ id: String, calls: Int, pages: Int, seconds: Double = 0.001) -> Statement {
        Statement(
            id: id,
            text: "SELECT \(id) FROM t",
            calls: calls,
            totalSeconds: seconds * Double(calls),
            blocksHit: pages * calls
        )
    }
}

extension DropReading {
    /// A reading for the index `public.ix` on `public.t`.
    static func of(_ statements: Statement..., scans: Int = 0, hidden: Int = 0) -> DropReading {
        var statistics = StatementStatistics()
        statistics.statements = statements
        statistics.hidden = hidden
        return DropReading(
            targets: [
                DropTarget(
                    index: "public.ix",
                    table: "public.t",
                    relations: [.init(schema: "public", name: "t")],
                    pages: 1000,
                    sequentialScans: scans
                )
            ],
            statements: [statements],
            statistics: statistics,
            scansCountedFor: 100
        )
    }
}
