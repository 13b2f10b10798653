// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What a candidate costs those who write to its table, each second, at the rate at which rows came and changed so far.
///
/// Beside its own entries these are those of the table's other indexes that updates write where they are HOT no longer: those that set
/// a column of the candidate and none that an index has already. Columns inside of its expressions and its predicate are not seen, and
/// a column that is set without being changed counts; of several candidates on one column each counts the loss, which is one.
struct WriteCost: Sendable {
    /// Entries written, in all indexes of the table.
    var entries: Double
    /// Their bytes.
    var bytes: Double

    /// - Parameters:
    ///   - table: the candidate's.
    ///   - others: the indexes that it has, with all columns that each depends on.
    ///   - updated: the columns that the workload's statements set.
    ///   - isSummaryHOT: whether an update of nothing but a BRIN's columns stays HOT: from PostgreSQL 16 on.
    init(
        of candidate: CandidatePool.Candidate,
        on table: AdvisedTable,
        beside others: [IndexDefinition],
        updated: UpdatedColumns,
        isSummaryHOT: Bool
    ) {
        let others = others.filter { !isSummaryHOT || $0.method != "brin" }
        let indexed = others.reduce(into: Set<String>()) { $0.formUnion($1.columns) }
        let isHarmless = isSummaryHOT && candidate.definition.method == "brin"
        let share = updated.share(
            settingOneOf: isHarmless ? [] : candidate.definition.columns,
            noneOf: indexed,
            schema: table.schema,
            table: table.name
        )
        let lost = table.updatesPerSecond * table.hotShare * share
        let own = (table.insertsPerSecond + table.updatesPerSecond * (1 - table.hotShare) + lost) * candidate.share
        self.entries = own + lost * Double(others.count)
        self.bytes =
            own * candidate.definition.entryBytes(on: table)
            + lost * others.reduce(0) { $0 + $1.entryBytes(on: table) }
    }
}

extension AdvisorSession {
    /// What candidates cost those who write, in their order.
    func writeCosts(of candidates: [CandidatePool.Candidate]) -> [WriteCost] {
        let others = Dictionary(grouping: self.existing.written) { [$0.schema, $0.table] }
        return candidates.map { candidate in
            let table = self.preparation.tables.list[candidate.table]
            return WriteCost(
                of: candidate,
                on: table,
                beside: others[[table.schema, table.name]] ?? [],
                updated: self.preparation.updated,
                isSummaryHOT: self.isSummaryHOT
            )
        }
    }
}
