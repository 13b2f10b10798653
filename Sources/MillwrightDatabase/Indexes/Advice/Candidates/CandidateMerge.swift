// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Makes one index of two, so that it serves the queries of both at less than the size of both.
enum CandidateMerge {
    /// An index with the keys of the first and all columns of both; nothing where that is no new one.
    ///
    /// Both have to be btrees of one table with the same predicate, and begin with the same key.
    static func merged(_ one: IndexDefinition, _ other: IndexDefinition) -> IndexDefinition? {
        guard one.schema == other.schema, one.table == other.table, one.method == "btree", other.method == "btree",
            one.predicate == other.predicate, one.keys.first == other.keys.first, one != other,
            (one.keys + other.keys).allSatisfy({ $0.column != nil })
        else { return nil }
        var merged = one
        // the longer keys, where one's begin with the other's
        if other.keys.starts(with: one.keys) { merged.keys = other.keys }
        merged.included = one.columns.union(other.columns).subtracting(merged.keys.compactMap(\.column)).sorted()
        return merged == one || merged == other ? nil : merged
    }
}
