// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// One index as the catalog describes it.
struct CatalogIndex: Sendable, Hashable {
    var oid: Int
    var table: Int
    /// Quoted and qualified: `public."Odd ix"`.
    var name: String
    var method = "btree"
    /// An index of a partitioned table, which holds no rows itself.
    var isPartitioned = false
    /// The index of the partitioned table this one is attached to, or 0.
    var parent = 0
    /// Table column numbers, key columns first, then INCLUDE; 0 stands for an expression.
    var columns: [Int] = [1]
    var keyCount = 1
    var classes: [Int] = [1978]
    var collations: [Int] = [0]
    /// Bit 0 DESC, bit 1 NULLS FIRST, one number a key.
    var options: [Int] = [0]
    /// Deparsed, because node trees hold parse positions before PostgreSQL 17.
    var expressions: String?
    var predicate: String?
    /// Each key deparsed by itself; only where one of them is an expression.
    var keyDefinitions: [String]?
    var isUnique = false
    var isPrimary = false
    var isExclusion = false
    var isImmediate = true
    var isClustered = false
    var isValid = true
    var isReady = true
    var isLive = true
    var isReplicaIdentity = false
    var distinguishesNulls = true
    /// `p`, `u` or `x` where a constraint owns the index.
    var constraint: String?
    /// Whether a foreign key elsewhere refers to the columns by this index.
    var isReferenced = false
    var pages = 0
    var rows = 0.0
    var scans = 0
    /// When the row of `pg_index` was written, where `track_commit_timestamp` still knows it.
    var writtenAt: Double?
    var fillFactor: Int?
}

extension CatalogIndex {
    var keys: [Int] { Array(self.columns.prefix(self.keyCount)) }
    var included: [Int] { self.columns.dropFirst(self.keyCount).sorted() }
    var isUsable: Bool { self.isValid && self.isReady && self.isLive }

    /// The expressions among the keys, one by one.
    var keyExpressions: [String] {
        zip(self.keys, self.keyDefinitions ?? []).filter { $0.0 == 0 }.map(\.1)
    }

    /// Whether dropping it would lose more than a way to read: a rule, an identity, an order, a part of a whole.
    var isProtected: Bool {
        self.isUnique || self.isPrimary || self.isExclusion || self.constraint != nil || self.isReplicaIdentity
            || self.isClustered || self.isReferenced || self.parent != 0
    }
}

extension CatalogIndex: RowDecodable {
    init(from cursor: inout RowCursor) throws {
        self.oid = try cursor.next()
        self.table = try cursor.next()
        self.name = try cursor.next()
        self.method = try cursor.next()
        self.isPartitioned = try cursor.next()
        self.parent = try cursor.next()
        self.keyCount = try cursor.next()
        self.columns = try cursor.nextVector()
        self.classes = try cursor.nextVector()
        self.collations = try cursor.nextVector()
        self.options = try cursor.nextVector()
        self.expressions = try cursor.next()
        self.predicate = try cursor.next()
        self.keyDefinitions = try cursor.next()
        self.isUnique = try cursor.next()
        self.isPrimary = try cursor.next()
        self.isExclusion = try cursor.next()
        self.isImmediate = try cursor.next()
        self.isClustered = try cursor.next()
        self.isValid = try cursor.next()
        self.isReady = try cursor.next()
        self.isLive = try cursor.next()
        self.isReplicaIdentity = try cursor.next()
        self.distinguishesNulls = try cursor.next()
        self.constraint = try cursor.next()
        self.isReferenced = try cursor.next()
        self.pages = try cursor.next()
        self.rows = try cursor.next()
        self.scans = try cursor.next()
        self.writtenAt = try cursor.next()
        self.fillFactor = try cursor.next()
    }

    /// Reads all indexes of user tables.
    ///
    /// Sizes are pages of the last VACUUM, ANALYZE or build: the size functions would wait behind an ACCESS EXCLUSIVE lock.
    /// Only expressions are deparsed, since 30,000 whole definitions take longer than all the rest.
    static func sql(version: Int, tracksCommits: Bool) -> SQL {
        // PostgreSQL 15 brought NULLS NOT DISTINCT.
        let nulls: SQL = version >= 150000 ? "NOT i.indnullsnotdistinct" : "true"
        let written: SQL =
            tracksCommits
            ? "extract(epoch FROM pg_catalog.pg_xact_commit_timestamp(i.xmin))::float8" : "NULL::float8"
        return """
            /* millwright:catalog-indexes */
            SELECT i.indexrelid::bigint, i.indrelid::bigint,
                   pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(x.relname),
                   am.amname::text, x.relkind = 'I', coalesce(h.inhparent, 0)::bigint, i.indnkeyatts::bigint,
                   i.indkey::text, i.indclass::text, i.indcollation::text, i.indoption::text,
                   CASE WHEN i.indexprs IS NOT NULL THEN pg_catalog.pg_get_expr(i.indexprs, i.indrelid) END,
                   CASE WHEN i.indpred IS NOT NULL THEN pg_catalog.pg_get_expr(i.indpred, i.indrelid) END,
                   CASE WHEN i.indexprs IS NOT NULL THEN ARRAY(
                       SELECT pg_catalog.pg_get_indexdef(i.indexrelid, k.number, false)
                       FROM pg_catalog.generate_series(1, i.indnkeyatts::int) AS k (number) ORDER BY k.number) END,
                   i.indisunique, i.indisprimary, i.indisexclusion, i.indimmediate, i.indisclustered,
                   i.indisvalid, i.indisready, i.indislive, i.indisreplident, \(nulls), k.contype::text,
                   f.index IS NOT NULL,
                   x.relpages::bigint, x.reltuples::float8,
                   coalesce(pg_catalog.pg_stat_get_numscans(i.indexrelid), 0)::bigint, \(written),
                   CASE WHEN x.reloptions IS NOT NULL THEN (
                       SELECT o.option_value::bigint FROM pg_catalog.pg_options_to_table(x.reloptions) AS o
                       WHERE o.option_name = 'fillfactor') END
            FROM pg_catalog.pg_index AS i
            JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
            JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
            JOIN pg_catalog.pg_namespace AS n ON n.oid = x.relnamespace
            JOIN pg_catalog.pg_am AS am ON am.oid = x.relam
            LEFT JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = i.indexrelid
            LEFT JOIN pg_catalog.pg_constraint AS k
              ON k.conrelid = i.indrelid AND k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
            LEFT JOIN (SELECT DISTINCT r.conindid AS index FROM pg_catalog.pg_constraint AS r WHERE r.contype = 'f') AS f
              ON f.index = i.indexrelid
            WHERE t.relkind IN ('r', 'm', 'p') AND t.relpersistence <> 't' AND \(Catalog.isUserSchema)
              AND NOT EXISTS (
                  SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid IN (i.indexrelid, i.indrelid)
                    AND d.deptype = 'e')
            ORDER BY i.indexrelid
            """
    }
}
