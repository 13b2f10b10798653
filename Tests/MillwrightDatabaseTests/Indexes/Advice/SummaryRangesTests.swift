// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightDatabase

@Suite("BRIN with short ranges")
struct SummaryRangesTests {
    private let ranges = SummaryRanges(
        pages: 4031,
        rows: 478_033,
        pagesPerRange: 1,
        indexPages: 18,
        pageCosts: .init(random: 4, sequential: 1)
    )

    private static let scan = [
        "Bitmap Heap Scan on items i  (cost=9.03..4226.77 rows=6 width=24)",
        "  Recheck Cond: (order_id = 3210)",
        "  ->  Bitmap Index Scan on \"<13556>brin_items_order_id\"  (cost=0.00..9.03 rows=14939 width=0)",
        "        Index Cond: (order_id = 3210)",
    ]

    /// The scan as a child, deeper by so much.
    private func below(_ lines: [String], by depth: Int = 2) -> [String] {
        let blanks = String(repeating: " ", count: depth)
        return lines + ["\(blanks)->  \(Self.scan[0])"] + Self.scan.dropFirst().map { "\(blanks)    \($0)" }
    }

    @Test("One page instead of 128 is read as the planner counts it, and all summaries")
    func saved() {
        // with such an index really built the planner says 478.92
        let saved = self.ranges.saved(in: Self.scan, by: "<13556>")

        #expect((3600...3850).contains(saved), "\(saved)")
        #expect(self.ranges.saved(in: Self.scan, by: "<7>") == 0)
    }

    @Test("What is read once, to its end, saves as much anywhere in a plan")
    func readOnce() {
        let whole = self.ranges.saved(in: Self.scan, by: "<13556>")
        let join = self.below(["Nested Loop  (cost=9.32..4276.60 rows=6 width=40)"])
        let sorted = self.below(
            ["Limit  (cost=1.00..2.00 rows=5 width=4)", "  ->  Sort  (cost=1.00..2.00 rows=5 width=4)"],
            by: 8
        )

        #expect(self.ranges.saved(in: join, by: "<13556>") == whole)
        #expect(self.ranges.saved(in: sorted, by: "<13556>") == whole)
    }

    @Test(
        "What is read again and again, in part, or filtered is left as the planner has it",
        arguments: [
            [
                "Nested Loop  (cost=9.32..4276.60 rows=6 width=40)",
                "  ->  Seq Scan on orders  (cost=0.00..1.00 rows=9 width=4)",
            ],
            ["Limit  (cost=1.00..2.00 rows=5 width=4)"],
            ["Seq Scan on orders  (cost=0.00..1.00 rows=9 width=4)", "  SubPlan 1"],
        ]
    )
    func notTold(above: [String]) {
        let depth = above.last?.contains("SubPlan") == true ? 4 : 2
        #expect(self.ranges.saved(in: self.below(above, by: depth), by: "<13556>") == 0)

        var filtered = Self.scan
        filtered.insert("  Filter: (quantity > 3)", at: 2)
        #expect(self.ranges.saved(in: filtered, by: "<13556>") == 0)
    }

    @Test("Ranges are short where many rows are on a page, longer in big tables, and left out for partitions")
    func shortest() {
        var table = StatementReadingTests.table("items", ["order_id"])
        (table.pages, table.rows) = (4031, 478_033)
        #expect(SummaryRanges.shortest(for: table) == 1)
        (table.pages, table.rows) = (112_000, 6_000_000)
        #expect(SummaryRanges.shortest(for: table) == 4)
        table.rows = 0
        #expect(SummaryRanges.shortest(for: table) == nil)
    }
}
