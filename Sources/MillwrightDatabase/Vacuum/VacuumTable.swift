// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// One table, materialized view or TOAST table with all that the autovacuum launcher looks at.
struct VacuumTable: Sendable, Hashable {
    var oid: Int
    /// The table a person knows; for a TOAST table the table it belongs to.
    var name: String
    var isToast = false
    var pages = 0
    /// Known from PostgreSQL 18 on.
    var frozenPages: Int?
    /// Negative where the table was never vacuumed or analysed.
    var rows = 0.0
    /// Its own storage parameters, or for a TOAST table without any those of its owner.
    var options: [String: String] = [:]
    var live = 0
    var dead = 0
    var insertedSinceVacuum = 0
    var modifiedSinceAnalyze = 0
    var inserted = 0
    var deleted = 0
    var transactionAge = 0
    var multixactAge = 0
    var lastVacuum: Double?
    var lastAnalyze: Double?
    /// Somebody works on it now: a vacuum, or another holder of the same lock.
    var isBusy = false

    /// What reports call it.
    var subject: String { self.isToast ? "\(self.name) (TOAST)" : self.name }

    /// Whether the counters tell its dead rows.
    ///
    /// A crash empties them; VACUUM and ANALYZE set them anew. Without either, they are complete when they remember having put
    /// in the rows that are there.
    var knowsDeadRows: Bool {
        self.rows <= 0 || self.lastVacuum != nil || self.lastAnalyze != nil
            || Double(self.inserted - self.deleted) >= 0.9 * self.rows
    }
}

extension VacuumTable: RowDecodable {
    init(from cursor: inout RowCursor) throws {
        self.oid = try cursor.next()
        self.name = try cursor.next()
        self.isToast = try cursor.next()
        self.pages = try cursor.next()
        self.frozenPages = try cursor.next()
        self.rows = try cursor.next()
        self.options = StorageOptions.values(in: try cursor.next([String]?.self) ?? [])
        self.live = try cursor.next()
        self.dead = try cursor.next()
        self.insertedSinceVacuum = try cursor.next()
        self.modifiedSinceAnalyze = try cursor.next()
        self.inserted = try cursor.next()
        self.deleted = try cursor.next()
        self.transactionAge = try cursor.next()
        self.multixactAge = try cursor.next()
        self.lastVacuum = try cursor.next()
        self.lastAnalyze = try cursor.next()
        self.isBusy = try cursor.next()
    }

    static func sql(version: Int) -> SQL {
        // PostgreSQL 18 counts the pages that are all frozen.
        let frozen: SQL = version >= 180000 ? "c.relallfrozen" : "NULL"
        return """
            /* millwright:vacuum-tables */
            SELECT c.oid,
                   pg_catalog.quote_ident(n.nspname) || '.'
                   || pg_catalog.quote_ident(coalesce(o.relname, c.relname)),
                   c.relkind = 't', c.relpages, \(frozen), c.reltuples, coalesce(c.reloptions, o.reloptions),
                   pg_catalog.pg_stat_get_live_tuples(c.oid), pg_catalog.pg_stat_get_dead_tuples(c.oid),
                   pg_catalog.pg_stat_get_ins_since_vacuum(c.oid), pg_catalog.pg_stat_get_mod_since_analyze(c.oid),
                   pg_catalog.pg_stat_get_tuples_inserted(c.oid), pg_catalog.pg_stat_get_tuples_deleted(c.oid),
                   pg_catalog.age(c.relfrozenxid), pg_catalog.mxid_age(c.relminmxid),
                   extract(epoch FROM greatest(pg_catalog.pg_stat_get_last_vacuum_time(c.oid),
                                               pg_catalog.pg_stat_get_last_autovacuum_time(c.oid))),
                   extract(epoch FROM greatest(pg_catalog.pg_stat_get_last_analyze_time(c.oid),
                                               pg_catalog.pg_stat_get_last_autoanalyze_time(c.oid))),
                   b.relation IS NOT NULL
            FROM pg_catalog.pg_class AS c
            LEFT JOIN pg_catalog.pg_class AS o ON c.relkind = 't' AND o.reltoastrelid = c.oid
            JOIN pg_catalog.pg_namespace AS n ON n.oid = coalesce(o.relnamespace, c.relnamespace)
            LEFT JOIN (
                SELECT DISTINCT l.relation
                FROM pg_catalog.pg_locks AS l
                JOIN pg_catalog.pg_database AS d ON d.oid = l.database
                WHERE d.datname = pg_catalog.current_database() AND l.locktype = 'relation'
                  AND l.mode = 'ShareUpdateExclusiveLock') AS b ON b.relation = c.oid
            WHERE c.relkind IN ('r', 'm', 't') AND c.relpersistence <> 't' AND \(Catalog.isUserSchema)
            ORDER BY c.oid
            """
    }
}
