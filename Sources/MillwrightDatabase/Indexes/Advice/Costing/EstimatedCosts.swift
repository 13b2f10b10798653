// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// Costs by an arithmetic of our own, for servers without HypoPG.
///
/// From the planner's cost of each query as it is, what reading a table from end to end costs is replaced by what the best index
/// would. The formulas are those of PostgreSQL's `cost_seqscan` and `cost_index` with the default cost settings: an index's
/// pages and rows by selectivity, the table's pages by Mackert and Lohman between random and sequential order, weighted by the
/// square of the correlation. Joins are counted as look-ups where the other tables leave few rows.
struct EstimatedCosts: CostSource {
    private static let randomPage = 4.0
    private static let rowCost = 0.01
    private static let indexRowCost = 0.005
    private static let operatorCost = 0.0025
    /// The share of the rows that a range is taken to leave, where both ends are open to guess.
    private static let rangeShare = 0.05
    /// The rows that a LIMIT is taken to want.
    private static let limitRows = 20.0

    let queries: [AdvisedQuery]
    let tables: [AdvisedTable]
    let candidates: [CandidatePool.Candidate]

    func plans(for requests: [CostRequest]) async throws -> [PlannedCost] {
        requests.map { self.plan(self.queries[$0.query], $0.indexes) }
    }

    private func plan(_ query: AdvisedQuery, _ indexes: [Int]) -> PlannedCost {
        var plan = PlannedCost(cost: query.cost)
        var used: Set<Int> = []
        for use in query.uses {
            let table = self.tables[use.table]
            guard table.isRead(among: query.scanned) else { continue }
            let scan = min(table.pages + table.rows * (Self.rowCost + Self.operatorCost), query.cost)
            let outer = self.outerRows(of: use, in: query)
            let own = indexes.filter { self.candidates[$0].table == use.table }
            let costs = own.compactMap { index in self.cost(of: index, for: use, outer: outer).map { (index, $0) } }
            guard let best = costs.min(by: { $0.1 < $1.1 }), best.1 < scan else { continue }
            plan.cost -= scan - best.1
            used.insert(best.0)
        }
        plan.cost = max(plan.cost, 1)
        plan.used = used.sorted()
        return plan
    }

    /// Rows of the other tables with which this one is joined; nothing where none of them is narrowed.
    private func outerRows(of use: TableUse, in query: AdvisedQuery) -> Double? {
        query.uses.compactMap { other -> Double? in
            guard other != use, !other.equal.isEmpty || !other.ranges.isEmpty else { return nil }
            let table = self.tables[other.table]
            let share =
                other.equal.reduce(1) { $0 * self.share(of: $1, table) } * (other.ranges.isEmpty ? 1 : Self.rangeShare)
            return max(1, table.rows * share)
        }.min()
    }

    private func share(of part: TableUse.Part, _ table: AdvisedTable) -> Double {
        guard case .column(let name) = part, let distinct = table.column(name)?.distinctValues(among: table.rows) else {
            return 0.005
        }
        return 1 / distinct
    }

    /// What reading one use by an index costs; nothing where the index does not serve it.
    func cost(of index: Int, for use: TableUse, outer: Double?) -> Double? {
        let candidate = self.candidates[index]
        let definition = candidate.definition
        let table = self.tables[use.table]
        if let predicate = definition.predicate, !use.conditions.contains(where: { $0.sql == predicate }) { return nil }
        var share = candidate.share
        var matched = 0
        var look = 1.0
        for key in definition.keys {
            if use.equal.contains(key.part) {
                share *= self.share(of: key.part, table)
            } else if let outer, look == 1, use.joined.contains(key.part) {
                share *= self.share(of: key.part, table)
                look = outer
            } else if use.ranges.contains(key.part) || use.patterns.contains(key.part) {
                share *= Self.rangeShare
                matched += 1
                break
            } else {
                break
            }
            matched += 1
        }
        let rest = definition.keys.dropFirst(matched).map(\.part)
        let isOrdered = use.hasLimit && !use.order.isEmpty && rest.starts(with: use.order.map(\.part))
        let isCovering = !use.columns.isEmpty && use.columns.isSubset(of: definition.columns)
        guard matched > 0 || isOrdered || isCovering || definition.predicate != nil else { return nil }
        var rows = max(1, table.rows * share)
        if isOrdered { rows = min(rows, Self.limitRows) }
        let read = rows / max(1, table.rows)
        return look * self.scan(candidate, table, rows: rows, share: read, isCovering: isCovering)
    }

    private func scan(
        _ candidate: CandidatePool.Candidate,
        _ table: AdvisedTable,
        rows: Double,
        share: Double,
        isCovering: Bool
    ) -> Double {
        let indexPages = max(1, (share / max(candidate.share, 1e-9) * candidate.bytes / 8192).rounded(.up))
        let descent = (log2(max(2, table.rows)) + 50) * Self.operatorCost
        let inIndex = indexPages * Self.randomPage + rows * (Self.indexRowCost + Self.operatorCost) + descent
        // Mackert and Lohman: pages that so many look-ups in random order touch
        let pages = max(1, table.pages)
        let random = min(pages, 2 * pages * rows / (2 * pages + rows)) * Self.randomPage
        let ordered = Self.randomPage + max(0, (share * pages).rounded(.up) - 1)
        let lead = candidate.definition.keys[0].column.flatMap(table.column)?.correlation ?? 0
        let correlation = lead * (candidate.definition.keys.count > 1 ? 0.75 : 1)
        let heap = random + correlation * correlation * (min(ordered, random) - random)
        return inIndex + heap * (isCovering ? 1 - table.visibleShare : 1) + rows * Self.rowCost
    }
}
