// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A table that a workload reads, with what the planner's statistics say of its columns.
struct AdvisedTable: Sendable, Hashable {
    /// One column, as `pg_stats` knows it; without the right to read the table there are no figures.
    struct Column: Sendable, Hashable {
        var name: String
        /// As SQL names the type.
        var type: String
        /// The type's fixed length in bytes, negative where it varies.
        var length: Int
        /// The type's alignment in bytes.
        var alignment: Int
        var averageWidth: Int?
        /// Negative is a share of the rows.
        var distinct: Double?
        var nullFraction = 0.0
        var correlation: Double?
        /// The most common values as text, with the share of the rows that each has.
        var commonValues: [String] = []
        var commonShares: [Double] = []
        /// Of the other values in their order those a tenth, half, nine tenths and 95 % up, and the last, as text.
        var histogram: [String] = []
        /// Whether a btree can order it.
        var isOrdered = true
        /// Whether a btree stores equal values once.
        var canDeduplicate = true
        /// The operator class with which a btree serves `LIKE 'x%'`, where the collation needs one.
        var patternClass: String?

        var width: Int? { self.length > 0 ? self.length : self.averageWidth }

        /// How many different values it has among `rows` rows.
        func distinctValues(among rows: Double) -> Double? {
            guard let distinct, distinct != 0 else { return nil }
            return max(1, distinct < 0 ? -distinct * rows : distinct)
        }
    }

    var oid: Int
    var schema: String
    var name: String
    var rows: Double
    var pages: Double
    /// The share of its pages that an index-only scan need not visit.
    var visibleShare = 0.0
    /// Rows inserted, updated and deleted each second since the counters began.
    var insertsPerSecond = 0.0
    var updatesPerSecond = 0.0
    /// The share of updates that touched no index.
    var hotShare = 0.0
    var columns: [Column]
    /// What is known of expressions, by their SQL.
    var expressions: [String: Column] = [:]
    /// Of a partitioned table the partitions, which hold its rows; an index is made on each.
    var partitions: [IndexSituation.Table] = []

    /// How many relations an index of it needs.
    var relations: Int { max(1, self.partitions.count) }

    /// Whether it, or one of its partitions, is among some tables that are read from end to end.
    func isRead(among scanned: Set<String>) -> Bool {
        scanned.contains(self.name) || self.partitions.contains { scanned.contains($0.name) }
    }

    func column(_ name: String) -> Column? { self.columns.first { $0.name == name } }
}

extension IndexDefinition {
    /// The statements that make it on a table, or on each partition, to be simulated.
    func hypothetical(on table: AdvisedTable) -> [String] {
        guard !table.partitions.isEmpty else { return [self.sql(concurrently: false)] }
        return table.partitions.map { self.on($0).sql(concurrently: false) }
    }

    /// The same index on a partition.
    func on(_ partition: IndexSituation.Table) -> IndexDefinition {
        var member = self
        (member.schema, member.table) = (partition.schema, partition.name)
        return member
    }

    /// The size in bytes that it will have right after its build.
    ///
    /// - Parameters:
    ///   - table: its table.
    ///   - share: the share of the rows that its predicate lets in.
    func sizeBytes(on table: AdvisedTable, share: Double = 1) -> Double {
        let rows = max(0, table.rows * share)
        switch self.method {
        case "brin":
            // A summary takes two values, a header and its place in the map; a meta page and the last of each kind come on top.
            let width = self.keys.reduce(0) { $0 + (self.column($1, table).width ?? 16) }
            return (table.pages / Double(self.pagesPerRange ?? 128)).rounded(.up) * Double(26 + 2 * width) + 2 * 8192
        case "hash":
            // 16 bytes an entry and 4 of line pointer, in buckets filled to three quarters.
            return max(rows * 20 / 0.75, 4 * 8192)
        case "gin":
            // The list of rows of each key is packed to about two bytes a row; a row has some keys.
            return max(rows * 24, 2 * 8192)
        default:
            let keys = self.keys.map { self.column($0, table) }
            let included = self.included.map { self.column(IndexDefinition.Key(.column($0)), table) }
            let mayDeduplicate = included.isEmpty && keys.allSatisfy(\.canDeduplicate)
            let columns = (keys + included).map {
                BtreeSize.Column(
                    length: $0.length,
                    alignment: $0.alignment,
                    averageWidth: $0.averageWidth ?? 16,
                    distinct: $0.distinct
                )
            }
            let size = BtreeSize(rows: rows, columns: columns, fillFactor: nil, canDeduplicate: mayDeduplicate)
            return size?.expected ?? rows * 40
        }
    }

    // What is not known is taken for a text of 16 bytes with as many values as rows.
    private func column(_ key: Key, _ table: AdvisedTable) -> AdvisedTable.Column {
        let known =
            switch key.part {
            case .column(let name): table.column(name)
            case .expression(let text): table.expressions[text]
            }
        return known
            ?? AdvisedTable.Column(name: "", type: "text", length: -1, alignment: 4, averageWidth: 16, distinct: -1)
    }

    /// Bytes that each new row writes to it: its tuple and line pointer.
    func entryBytes(on table: AdvisedTable) -> Double {
        let width = (self.keys.compactMap(\.column) + self.included).reduce(0) {
            $0 + (table.column($1)?.width ?? 16)
        }
        let expressions = self.keys.count { $0.column == nil } * 16
        return Double(12 + width + expressions)
    }
}
