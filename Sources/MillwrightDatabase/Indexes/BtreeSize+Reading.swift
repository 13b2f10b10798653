// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

extension BtreeSize.Column {
    /// Reads the columns of some indexes, by the index's oid.
    ///
    /// Statistics of an expression are kept under the index, those of a column under its table. The view shows only what the
    /// role may read, so a missing row means "not known".
    static func read(of indexes: [Int], from inspection: Inspection) async throws -> [Int: [Self]] {
        let rows = try await inspection.query(
            """
            /* millwright:index-columns */
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
        var columns: [Int: [Self]] = [:]
        for row in rows {
            var cursor = RowCursor(row)
            let oid = try cursor.next(Int.self)
            let column = Self(
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
