// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// One table, partition or materialized view with what the statistics say of its use.
struct CatalogTable: Sendable, Hashable {
    var oid: Int
    /// Quoted and qualified: `public."My T"`.
    var name: String
    /// `r`, `m` or `p`.
    var kind = "r"
    var pages = 0
    /// The planner's row count; negative where the table was never analysed.
    var rows = 0.0
    var sequentialScans = 0
    var sequentialRowsRead = 0
    var inserted = 0
    var updated = 0
    var hotUpdated = 0
    var deleted = 0

    /// The planner's row count, or the counters' before the first ANALYZE.
    var likelyRows: Double { self.rows < 0 ? Double(max(0, self.inserted - self.deleted)) : self.rows }
}

extension CatalogTable: RowDecodable {
    init(from cursor: inout RowCursor) throws {
        self.oid = try cursor.next()
        self.name = try cursor.next()
        self.kind = try cursor.next()
        self.pages = try cursor.next()
        self.rows = try cursor.next()
        self.sequentialScans = try cursor.next()
        self.sequentialRowsRead = try cursor.next()
        self.inserted = try cursor.next()
        self.updated = try cursor.next()
        self.hotUpdated = try cursor.next()
        self.deleted = try cursor.next()
    }

    static let sql: SQL = """
        /* millwright:catalog-tables */
        SELECT t.oid::bigint, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.relname),
               t.relkind::text, t.relpages::bigint, t.reltuples::float8,
               pg_catalog.pg_stat_get_numscans(t.oid), pg_catalog.pg_stat_get_tuples_returned(t.oid),
               pg_catalog.pg_stat_get_tuples_inserted(t.oid), pg_catalog.pg_stat_get_tuples_updated(t.oid),
               pg_catalog.pg_stat_get_tuples_hot_updated(t.oid), pg_catalog.pg_stat_get_tuples_deleted(t.oid)
        FROM pg_catalog.pg_class AS t
        JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
        WHERE t.relkind IN ('r', 'm', 'p') AND t.relpersistence <> 't' AND \(Catalog.isUserSchema)
          AND NOT EXISTS (
              SELECT FROM pg_catalog.pg_depend AS d
              WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = t.oid AND d.deptype = 'e')
        ORDER BY t.oid
        """
}
