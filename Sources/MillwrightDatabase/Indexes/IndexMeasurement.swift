// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// What pgstatindex measured of one btree index.
struct IndexMeasurement: Sendable, Hashable {
    var bytes: Int
    var leafPages: Int
    /// Pages that hold nothing.
    var emptyPages: Int
    /// In percent of the page.
    var leafDensity: Double?
    var fillFactor = 90
    var blockSize = 8192

    /// The bytes that a new build would give back.
    var wasted: Int {
        let density = min(1, (self.leafDensity ?? 0) / Double(self.fillFactor))
        return Int((Double(self.leafPages) * (1 - density) + Double(self.emptyPages)) * Double(self.blockSize))
    }
}

extension IndexMeasurement {
    /// Where the function is, if this role may run it: `pg_stat_scan_tables` and with it `pg_monitor` may.
    static func schema(seenBy inspection: Inspection) async throws -> String? {
        let rows = try await inspection.query(
            """
            /* millwright:bloated-indexes */
            SELECT n.nspname::text
            FROM pg_catalog.pg_extension AS e
            JOIN pg_catalog.pg_depend AS d
              ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
            JOIN pg_catalog.pg_proc AS p ON d.classid = 'pg_catalog.pg_proc'::regclass AND p.oid = d.objid
            JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
            WHERE e.extname = 'pgstattuple' AND p.proname = 'pgstatindex'
              AND p.proargtypes::text = 'pg_catalog.regclass'::regtype::oid::text
              AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE')
              AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
            ORDER BY n.nspname
            """
        )
        return try rows.first?.get(0, as: String.self)
    }

    /// Reads the whole index, so callers limit how many.
    static func read(_ index: CatalogIndex, schema: String, from inspection: Inspection) async throws -> Self? {
        let rows = try await inspection.query(
            """
            /* millwright:bloated-indexes */
            SELECT s.index_size::bigint, s.leaf_pages::bigint, (s.empty_pages + s.deleted_pages)::bigint,
                   nullif(s.avg_leaf_density, 'NaN')::float8
            FROM \(identifier: schema).pgstatindex(\(index.oid)::bigint::oid::regclass) AS s
            """
        )
        guard let row = rows.first else { return nil }
        var cursor = RowCursor(row)
        return Self(
            bytes: try cursor.next(),
            leafPages: try cursor.next(),
            emptyPages: try cursor.next(),
            leafDensity: try cursor.next(),
            fillFactor: index.fillFactor ?? 90
        )
    }
}
