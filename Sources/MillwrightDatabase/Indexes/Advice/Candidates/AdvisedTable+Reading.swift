// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

extension AdvisedTable {
    /// Reads the tables of these names that the session's search path finds, or that a statement names with their schema.
    ///
    /// Values are as many as filling placeholders needs: ten common ones, and five of the rest.
    static func read(named names: [String], on connection: PostgresConnection) async throws -> [AdvisedTable] {
        let rows = try await connection.query(Self.sql(names), timeout: .seconds(30))
        var tables: [AdvisedTable] = []
        for row in rows {
            var cursor = RowCursor(row)
            let table = try AdvisedTable(from: &cursor)
            let column = try Column(from: &cursor)
            if tables.last?.oid != table.oid { tables.append(table) }
            tables[tables.count - 1].columns.append(column)
        }
        return tables
    }

    private init(from cursor: inout RowCursor) throws {
        self.oid = try cursor.next()
        self.schema = try cursor.next()
        self.name = try cursor.next()
        self.rows = try cursor.next()
        self.pages = try cursor.next()
        self.visibleShare = try cursor.next()
        self.insertsPerSecond = try cursor.next()
        self.updatesPerSecond = try cursor.next()
        self.hotShare = try cursor.next()
        self.columns = []
    }

    // A table that was emptied or never analysed has no row count; its pages give one. The sample of ANALYZE finds too few different
    // values of a column with many, so that of a foreign key has as many as the parent has rows.
    private static func sql(_ names: [String]) -> SQL {
        """
        /* millwright:index-advisor */
        SELECT c.oid::bigint, n.nspname::text, c.relname::text,
               CASE WHEN c.reltuples < 0 THEN greatest(c.relpages, 1) * 50 ELSE c.reltuples END::float8,
               c.relpages::float8, CASE WHEN c.relpages > 0 THEN c.relallvisible::float8 / c.relpages ELSE 0 END,
               coalesce(u.n_tup_ins / w.seconds, 0)::float8, coalesce(u.n_tup_upd / w.seconds, 0)::float8,
               CASE WHEN u.n_tup_upd > 0 THEN u.n_tup_hot_upd::float8 / u.n_tup_upd ELSE 0 END,
               a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attlen::bigint,
               CASE a.attalign WHEN 'd' THEN 8 WHEN 'i' THEN 4 WHEN 's' THEN 2 ELSE 1 END::bigint,
               s.avg_width::bigint,
               CASE WHEN s.n_distinct > 0 AND f.rows > s.n_distinct THEN least(f.rows, c.reltuples)
                    ELSE s.n_distinct END::float8,
               coalesce(s.null_frac, 0)::float8, s.correlation::float8,
               coalesce((s.most_common_vals::text::text[])[1:10], '{}'),
               coalesce((s.most_common_freqs)[1:10]::float8[], '{}'),
               CASE WHEN s.histogram_bounds IS NULL THEN '{}' ELSE (
                   SELECT ARRAY[h.b[1 + h.l / 10], h.b[1 + h.l / 2], h.b[1 + 9 * h.l / 10], h.b[1 + 19 * h.l / 20], h.b[h.l + 1]]
                   FROM (SELECT s.histogram_bounds::text::text[] AS b,
                                pg_catalog.cardinality(s.histogram_bounds::text::text[]) - 1 AS l) AS h) END,
               o.opcintype IS NOT NULL, coalesce(o.deduplicates, false),
               CASE WHEN l.collate IS DISTINCT FROM 'C' THEN
                   CASE WHEN a.atttypid IN (25, 1043) THEN 'text_pattern_ops'
                        WHEN a.atttypid = 1042 THEN 'bpchar_pattern_ops' END END
        FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
        LEFT JOIN pg_catalog.pg_stats AS s
          ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname AND NOT s.inherited
        LEFT JOIN pg_catalog.pg_stat_user_tables AS u ON u.relid = c.oid
        LEFT JOIN LATERAL (
            SELECT p.opcintype, t.typname <> 'bpchar' AND EXISTS (
                       SELECT FROM pg_catalog.pg_amproc AS f
                       WHERE f.amprocfamily = p.opcfamily AND f.amproclefttype = p.opcintype AND f.amprocnum = 4
                   ) AS deduplicates
            FROM pg_catalog.pg_opclass AS p
            WHERE p.opcmethod = 403 AND p.opcdefault
              AND p.opcintype = CASE WHEN t.typname = 'varchar' THEN 25 WHEN t.typcategory = 'A' THEN 2277
                                     WHEN t.typcategory = 'E' THEN 3500 WHEN t.typcategory = 'R' THEN 3831
                                     WHEN t.typbasetype <> 0 THEN t.typbasetype ELSE t.oid END
        ) AS o ON true
        LEFT JOIN LATERAL (
            SELECT pg_catalog.max(r.reltuples) AS rows
            FROM pg_catalog.pg_constraint AS k JOIN pg_catalog.pg_class AS r ON r.oid = k.confrelid
            WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum]
        ) AS f ON true
        CROSS JOIN LATERAL (
            SELECT CASE WHEN a.attcollation = 100 THEN d.datcollate
                        ELSE (SELECT k.collcollate::text FROM pg_catalog.pg_collation AS k WHERE k.oid = a.attcollation)
                   END AS collate,
                   greatest(1, extract(epoch FROM pg_catalog.clock_timestamp() - coalesce(
                       pg_catalog.pg_stat_get_db_stat_reset_time(d.oid), pg_catalog.pg_postmaster_start_time()))) AS seconds
            FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database()
        ) AS l
        CROSS JOIN LATERAL (SELECT l.seconds) AS w
        WHERE c.relkind IN ('r', 'm') AND c.relname = ANY (\(names)::text[])
          AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'millwright')
          AND c.relpersistence <> 't' AND n.nspname !~ '^pg_toast'
        ORDER BY c.oid, a.attnum
        """
    }
}

extension AdvisedTable.Column {
    fileprivate init(from cursor: inout RowCursor) throws {
        self.name = try cursor.next()
        self.type = try cursor.next()
        self.length = try cursor.next()
        self.alignment = try cursor.next()
        self.averageWidth = try cursor.next()
        self.distinct = try cursor.next()
        self.nullFraction = try cursor.next()
        self.correlation = try cursor.next()
        self.commonValues = try cursor.next()
        self.commonShares = try cursor.next()
        self.histogram = try cursor.next()
        self.isOrdered = try cursor.next()
        self.canDeduplicate = try cursor.next()
        self.patternClass = try cursor.next()
    }
}
