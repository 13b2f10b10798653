// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What a BRIN with short ranges saves.
///
/// The planner takes each BRIN that does not exist for one with ranges of 128 pages, whatever its definition says. So what the heap
/// scan of its plan would cost with shorter ranges is worked out here, by the planner's own arithmetic (`brincostestimate`,
/// `compute_bitmap_pages`): fewer rows are read, and more summaries.
struct SummaryRanges: Sendable, Hashable {
    /// Pages and rows of the table.
    var pages: Double
    var rows: Double
    var pagesPerRange: Double
    /// What the index takes, in pages.
    var indexPages: Double
    /// What the server says that a page costs.
    var pageCosts: PageCosts

    /// What reading a page costs, here and there or one after the other.
    struct PageCosts: Sendable, Hashable {
        var random = 4.0
        var sequential = 1.0
    }

    /// The ranges with which looking up one value costs the planner least; nothing where they are no shorter than by default.
    ///
    /// Summaries are read all, at about 24 bytes for each range; then the rows of one range, a page for each as the planner sees it.
    static func shortest(for table: AdvisedTable) -> Int? {
        guard table.partitions.isEmpty, table.rows > 0, table.pages > 0 else { return nil }
        let summaries = 4 * 24 * table.pages / 8192
        let best = (summaries / (3.5 * max(1, table.rows / table.pages))).squareRoot()
        var pages = 1
        while Double(pages) < best { pages *= 2 }
        return pages < 128 ? pages : nil
    }

    /// What the plan of EXPLAIN's lines would cost less than it says; 0 where it uses the index in a way that cannot be told.
    ///
    /// - Parameter id: how the plan names the hypothetical index, `<13556>`.
    func saved(in lines: [String], by id: String) -> Double {
        guard let scan = lines.firstIndex(where: { $0.contains("Bitmap Index Scan on \"\(id)") }),
            let heap = Self.parent(of: scan, in: lines), lines[heap].contains("Bitmap Heap Scan"),
            !lines[heap..<scan].contains(where: { $0.contains(" Filter: ") }), Self.isReadOnce(heap, in: lines),
            let read = Self.rows(of: lines[scan]), let found = Self.rows(of: lines[heap])
        else { return 0 }
        let whole = PlannedCost.cost(of: lines[heap])
        let ranges = (self.pages / self.pagesPerRange).rounded(.up)
        let visited = min(ranges, max(1, (ranges * found / self.rows).rounded(.up)))
        let share = min(1, self.heapCost(visited / ranges * self.rows) / self.heapCost(read))
        let short = self.indexPages * self.pageCosts.random + (whole - PlannedCost.cost(of: lines[scan])) * share
        return whole - short
    }

    /// What reading so many rows costs that lie somewhere.
    private func heapCost(_ rows: Double) -> Double {
        let read = min(self.pages, max(1, 2 * self.pages * rows / (2 * self.pages + rows)))
        let step = self.pageCosts.random - self.pageCosts.sequential
        return read * (self.pageCosts.random - step * (read / self.pages).squareRoot()) + 0.0125 * rows
    }

    // MARK: Plans

    /// Whether what a node reads is read to its end, and once.
    private static func isReadOnce(_ node: Int, in lines: [String]) -> Bool {
        var child = node
        var isBlocked = false
        while let above = Self.parent(of: child, in: lines) {
            let line = lines[above]
            if line.contains("SubPlan") || line.contains("Gather") { return false }
            if line.contains("Limit"), !isBlocked { return false }
            if line.contains("Nested Loop"), Self.firstChild(of: above, in: lines) != child { return false }
            if ["Sort", "Aggregate", "Hash "].contains(where: line.contains) { isBlocked = true }
            child = above
        }
        return true
    }

    private static func parent(of line: Int, in lines: [String]) -> Int? {
        let depth = Self.depth(lines[line])
        return lines[..<line].lastIndex { Self.isNode($0) && Self.depth($0) < depth }
    }

    private static func firstChild(of line: Int, in lines: [String]) -> Int? {
        lines[(line + 1)...].firstIndex { Self.isNode($0) }
    }

    private static func isNode(_ line: String) -> Bool {
        line.contains("(cost=") || line.contains("SubPlan ") || line.contains("InitPlan ")
    }

    private static func depth(_ line: String) -> Int { line.prefix { $0 == " " }.count }

    private static func rows(of line: String) -> Double? {
        line.split(separator: " ").first { $0.hasPrefix("rows=") }.flatMap { Double($0.dropFirst("rows=".count)) }
    }
}
