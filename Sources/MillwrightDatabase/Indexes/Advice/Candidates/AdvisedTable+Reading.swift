// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

extension AdvisedTable {
    /// Reads the tables of these names that the session's search path finds, or that a statement names with their schema.
    ///
    /// Values are as many as filling placeholders needs: ten common ones, and five of the rest.
    static func read(named names: [String], on connection: PostgresConnection) async throws -> [AdvisedTable] {
        let version = try await connection.server().versionNumber
        let window = try await connection.query(StatisticsWindow.sql(version: version))
            .values(as: StatisticsWindow.self)[0]
        let rows = try await connection.query(Self.sql(names, counting: window.length), timeout: .seconds(30))
        var tables: [AdvisedTable] = []
        for row in rows {
            var cursor = RowCursor(row)
            let table = try AdvisedTable(from: &cursor)
            let column = try Column(from: &cursor)
            if tables.last?.oid != table.oid { tables.append(table) }
            tables[tables.count - 1].columns.append(column)
        }
        return try await Self.withPartitions(tables, on: connection)
    }

    /// The most partitions that an index is thought of on: each is one more for the planner to weigh.
    private static let partitionLimit = 32

    /// Adds the partitions; tables with partitions below partitions, foreign ones or too many are left out.
    private static func withPartitions(
        _ tables: [AdvisedTable],
        on connection: PostgresConnection
    ) async throws -> [AdvisedTable] {
        let rows = try await connection.query(
            """
            /* millwright:index-advisor */
            SELECT c.oid::bigint, coalesce(l.oid, 0)::bigint, c.oid::bigint, coalesce(ln.nspname::text, ''),
                   coalesce(l.relname::text, ''), coalesce(l.relkind::text, ''), true, true, ''
            FROM pg_catalog.pg_class AS c
            LEFT JOIN pg_catalog.pg_inherits AS h ON h.inhparent = c.oid
            LEFT JOIN pg_catalog.pg_class AS l ON l.oid = h.inhrelid
            LEFT JOIN pg_catalog.pg_namespace AS ln ON ln.oid = l.relnamespace
            WHERE c.oid = ANY (\(tables.map(\.oid))::bigint[]::oid[]) AND c.relkind = 'p'
            ORDER BY c.oid, l.oid
            """
        )
        var partitions: [Int: [IndexSituation.Table]] = [:]
        for row in rows {
            var cursor = RowCursor(row)
            let root = try cursor.next(Int.self)
            partitions[root, default: []].append(try IndexSituation.Table(from: &cursor))
        }
        return tables.compactMap { table in
            guard let members = partitions[table.oid] else { return table }
            guard members.count <= Self.partitionLimit, members.allSatisfy({ $0.kind == "r" }) else { return nil }
            var table = table
            table.partitions = members
            return table
        }
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

    // A partitioned table has what its partitions have; autovacuum never analyses it, so that without statistics of its own those
    // of its biggest partition stand for all. A table that was emptied or never analysed has no row count; its pages give one. The
    // sample of ANALYZE finds too few different values of a column with many, so that of a foreign key has as many as the parent
    // has rows.
    //
    // What was written counts since the counters began, which a planned restart does not change.
    private static func sql(_ names: [String], counting seconds: Double) -> SQL {
        """
        /* millwright:index-advisor */
        SELECT c.oid::bigint, n.nspname::text, c.relname::text,
               coalesce(e.rows, 0), coalesce(e.pages, 0), CASE WHEN e.pages > 0 THEN e.visible / e.pages ELSE 0 END,
               coalesce(e.inserted / w.seconds, 0)::float8, coalesce(e.updated / w.seconds, 0)::float8,
               CASE WHEN e.updated > 0 THEN e.hot_updated::float8 / e.updated ELSE 0 END,
               a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attlen::bigint,
               CASE a.attalign WHEN 'd' THEN 8 WHEN 'i' THEN 4 WHEN 's' THEN 2 ELSE 1 END::bigint,
               s.avg_width::bigint,
               CASE WHEN f.rows > CASE WHEN s.n_distinct < 0 THEN -s.n_distinct * e.rows ELSE s.n_distinct END
                    THEN least(f.rows, e.rows) ELSE s.n_distinct END::float8,
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
        CROSS JOIN LATERAL (
            SELECT pg_catalog.sum(CASE WHEN r.reltuples < 0 THEN greatest(r.relpages, 1) * 50 ELSE r.reltuples END)::float8
                       AS rows,
                   pg_catalog.sum(r.relpages)::float8 AS pages, pg_catalog.sum(r.relallvisible)::float8 AS visible,
                   pg_catalog.sum(pg_catalog.pg_stat_get_tuples_inserted(r.oid)) AS inserted,
                   pg_catalog.sum(pg_catalog.pg_stat_get_tuples_updated(r.oid)) AS updated,
                   pg_catalog.sum(pg_catalog.pg_stat_get_tuples_hot_updated(r.oid)) AS hot_updated
            FROM (SELECT c.oid AS oid WHERE c.relkind <> 'p'
                  UNION ALL
                  SELECT h.inhrelid FROM pg_catalog.pg_inherits AS h WHERE h.inhparent = c.oid AND c.relkind = 'p') AS m
            JOIN pg_catalog.pg_class AS r ON r.oid = m.oid
        ) AS e
        LEFT JOIN LATERAL (
            SELECT ln.nspname, l.relname
            FROM pg_catalog.pg_inherits AS h
            JOIN pg_catalog.pg_class AS l ON l.oid = h.inhrelid
            JOIN pg_catalog.pg_namespace AS ln ON ln.oid = l.relnamespace
            WHERE h.inhparent = c.oid
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_stats AS i
                              WHERE i.schemaname = n.nspname AND i.tablename = c.relname AND i.inherited)
            ORDER BY l.reltuples DESC, l.oid LIMIT 1
        ) AS b ON c.relkind = 'p'
        LEFT JOIN pg_catalog.pg_stats AS s
          ON s.schemaname = coalesce(b.nspname, n.nspname) AND s.tablename = coalesce(b.relname, c.relname)
          AND s.attname = a.attname AND s.inherited = (c.relkind = 'p' AND b.relname IS NULL)
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
                   END AS collate
            FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database()
        ) AS l
        CROSS JOIN (SELECT greatest(1, \(seconds)::float8) AS seconds) AS w
        WHERE c.relkind IN ('r', 'm', 'p') AND c.relname = ANY (\(names)::text[])
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
