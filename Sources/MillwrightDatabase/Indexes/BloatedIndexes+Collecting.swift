// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

extension BloatedIndexes {
    /// How many of the biggest indexes are estimated; smaller ones cannot waste much.
    private static let maximumSuspects = 200

    func collect(from inspection: Inspection) async throws -> Observation {
        let catalog = try await inspection.catalog()
        let big = catalog.indexes
            .filter { $0.method == "btree" && $0.isUsable && !$0.isPartitioned }
            .filter { catalog.bytes($0.pages) >= self.minimumWaste }
            .sorted { ($1.pages, $0.oid) < ($0.pages, $1.oid) }
            .prefix(Self.maximumSuspects)
        let columns = big.isEmpty ? [:] : try await self.columns(of: big.map(\.oid), in: inspection)
        var suspects = big.map { index in
            Suspect(
                index: index,
                bytes: catalog.bytes(index.pages),
                need: columns[index.oid].flatMap {
                    BtreeSize(
                        rows: index.rows,
                        columns: $0,
                        fillFactor: index.fillFactor,
                        canDeduplicate: index.included.isEmpty
                    )
                }
            )
        }
        try await self.measure(&suspects, in: inspection, blockSize: catalog.blockSize)
        return Observation(
            catalog: catalog,
            suspects: suspects,
            role: inspection.server.user,
            readsStatistics: inspection.server.isSuperuser || inspection.server.hasRole("pg_read_all_data")
        )
    }

    /// Measures the suspects that waste most, or whose waste nobody can estimate, until time is over.
    private func measure(_ suspects: inout [Suspect], in inspection: Inspection, blockSize: Int) async throws {
        let most = { (suspect: Suspect) in suspect.waste?.upperBound ?? Double(suspect.bytes) }
        let order = suspects.indices
            .filter { self.isTooMuch(most(suspects[$0]), of: suspects[$0].bytes) }
            .sorted { most(suspects[$0]) > most(suspects[$1]) }
        guard !order.isEmpty, let schema = try await IndexMeasurement.schema(seenBy: inspection) else { return }
        let end = ContinuousClock.now + self.measuringTime
        for position in order.prefix(self.maximumMeasurements) where ContinuousClock.now < end {
            let index = suspects[position].index
            let result = try await inspection.attempt {
                try await IndexMeasurement.read(index, schema: schema, from: $0)
            }
            guard case .success(var measurement?) = result else { continue }
            measurement.blockSize = blockSize
            suspects[position].measurement = measurement
        }
    }

    // Statistics of an expression are kept under the index, those of a column under its table. The view shows only what the
    // role may read, so a missing row means "not known".
    private func columns(of indexes: [Int], in inspection: Inspection) async throws -> [Int: [BtreeSize.Column]] {
        let rows = try await inspection.query(
            """
            /* millwright:bloated-indexes */
            SELECT i.indexrelid::bigint, a.attlen::bigint,
                   CASE a.attalign WHEN 'd' THEN 8 WHEN 'i' THEN 4 WHEN 's' THEN 2 ELSE 1 END::bigint,
                   s.avg_width::bigint, s.n_distinct::float8
            FROM pg_catalog.pg_index AS i
            JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
            JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
            JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
            JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indexrelid
            LEFT JOIN pg_catalog.pg_attribute AS c
              ON c.attrelid = i.indrelid AND c.attnum = i.indkey[a.attnum - 1] AND c.attnum <> 0
            LEFT JOIN pg_catalog.pg_stats AS s
              ON s.schemaname = n.nspname AND NOT s.inherited
             AND s.tablename = CASE WHEN c.attnum IS NULL THEN x.relname ELSE t.relname END
             AND s.attname = coalesce(c.attname, a.attname)
            WHERE i.indexrelid = ANY (\(indexes)::bigint[]::oid[])
            ORDER BY i.indexrelid, a.attnum
            """
        )
        var columns: [Int: [BtreeSize.Column]] = [:]
        for row in rows {
            var cursor = RowCursor(row)
            let oid = try cursor.next(Int.self)
            let column = BtreeSize.Column(
                length: try cursor.next(),
                alignment: try cursor.next(),
                averageWidth: try cursor.next(),
                distinct: try cursor.next()
            )
            columns[oid, default: []].append(column)
        }
        return columns
    }
}
