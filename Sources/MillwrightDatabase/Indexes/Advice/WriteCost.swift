// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What a candidate costs those who write to its table, each second, at the rate at which rows came and changed so far.
///
/// Beside its own entries these are those of the table's other indexes that updates write where they are HOT no longer: one that sets
/// a column of the candidate which no index has yet. Columns inside of expressions and predicates are not seen.
struct WriteCost: Sendable {
    /// Entries written, in all indexes of the table.
    var entries: Double
    /// Their bytes.
    var bytes: Double

    /// - Parameters:
    ///   - table: the candidate's.
    ///   - others: the indexes that it has.
    ///   - updated: the columns that the workload's statements set.
    ///   - isSummaryHOT: whether an update of nothing but a BRIN's columns stays HOT: from PostgreSQL 16 on.
    init(
        of candidate: CandidatePool.Candidate,
        on table: AdvisedTable,
        beside others: [IndexDefinition],
        updated: UpdatedColumns,
        isSummaryHOT: Bool
    ) {
        let indexed = others.reduce(into: Set<String>()) { $0.formUnion($1.columns) }
        let isHarmless = isSummaryHOT && candidate.definition.method == "brin"
        let share = updated.share(
            settingOneOf: isHarmless ? [] : candidate.definition.columns.subtracting(indexed),
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
        let others = Dictionary(grouping: self.existing.definitions) { [$0.schema, $0.table] }
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
